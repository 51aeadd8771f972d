#!/bin/bash
# Writes the manual page from the program's own help: manual.sh PROGRAM VERSION
set -euo pipefail
program=$1 version=$2
text() { sed -e 's/\\/\\e/g' -e 's/-/\\-/g' -e "s/^\\([.']\\)/\\\\\\&\\1/"; }
printf '.TH PULLCORD 1 "" "pullcord %s" "User Commands"\n' "$version"
printf '.SH NAME\npullcord \\- turns any REST API that can only be polled into signed webhooks\n'
printf '.SH SYNOPSIS\n.B pullcord\n.I command\n[\\fIoptions\\fR]\n.SH DESCRIPTION\n.nf\n'
"$program" --help | text
printf '.fi\n.SH COMMANDS\n'
for command in $("$program" --help | sed -n 's/^  \([a-z-]*\)   *[A-Z].*/\1/p' | grep -v '^-' | grep -vx help); do
    printf '.SS pullcord %s\n.nf\n' "$(text <<< "$command")"
    "$program" "$command" --help | text
    printf '.fi\n'
done
