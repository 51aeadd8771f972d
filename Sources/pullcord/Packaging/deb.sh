#!/bin/bash
# Packs what `make install` has put into a folder: deb.sh FOLDER VERSION OUTPUT
set -euo pipefail
folder=$1 version=$2 output=$3
here=$(dirname "$0")
architecture=$(dpkg --print-architecture)

# The packages that own the libraries that the program is linked with.
mkdir -p "$folder/debian"
printf 'Source: pullcord\n\nPackage: pullcord\nArchitecture: any\n' > "$folder/debian/control"
libraries=$(cd "$folder" && dpkg-shlibdeps -O usr/bin/pullcord 2>/dev/null | sed 's/^shlibs:Depends=//')
rm -rf "$folder/debian"

mkdir -p "$folder/DEBIAN" "$folder/usr/share/doc/pullcord"
chmod 755 "$folder/DEBIAN"
cp "$here/copyright" "$folder/usr/share/doc/pullcord/copyright"
printf 'pullcord (%s) unstable; urgency=medium\n\n  * See the project for what has changed.\n\n -- Pullcord <pullcord@localhost>  %s\n' \
    "$version" "$(date -uR)" | gzip -9n > "$folder/usr/share/doc/pullcord/changelog.gz"
sed -e "s/@VERSION@/$version/" -e "s/@ARCHITECTURE@/$architecture/" \
    -e "s/@LIBRARIES@/$libraries/" \
    -e "s/@SIZE@/$(du -sk --exclude=DEBIAN "$folder" | cut -f1)/" \
    "$here/control" > "$folder/DEBIAN/control"
(cd "$folder" && find etc -type f | sed 's,^,/,' | sort) > "$folder/DEBIAN/conffiles"
for script in postinst prerm postrm; do
    install -m 755 "$here/$script" "$folder/DEBIAN/$script"
done
(cd "$folder" && find usr -type f -print0 | sort -z | xargs -0 md5sum) > "$folder/DEBIAN/md5sums"
find "$folder" -type d -exec chmod 755 {} +
chmod 600 "$folder/etc/pullcord/environment"
dpkg-deb --root-owner-group --build "$folder" "$output" > /dev/null
echo "$output"
