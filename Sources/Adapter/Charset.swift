/// The character sets that answers may be written in, by their IANA names in lower case.
package enum Charset: String, Sendable, CaseIterable {
    case utf8 = "utf-8"
    case utf16 = "utf-16"
    case utf16LittleEndian = "utf-16le"
    case utf16BigEndian = "utf-16be"
    case utf32LittleEndian = "utf-32le"
    case utf32BigEndian = "utf-32be"
    case ascii = "us-ascii"
    case latin1 = "iso-8859-1"
    case latin2 = "iso-8859-2"
    case latin4 = "iso-8859-4"
    case cyrillic = "iso-8859-5"
    case arabic = "iso-8859-6"
    case greek = "iso-8859-7"
    case hebrew = "iso-8859-8"
    case latin5 = "iso-8859-9"
    case latin7 = "iso-8859-13"
    case latin9 = "iso-8859-15"
    case windows1250 = "windows-1250"
    case windows1251 = "windows-1251"
    case windows1252 = "windows-1252"
    case windows1253 = "windows-1253"
    case windows1254 = "windows-1254"
    case windows1255 = "windows-1255"
    case windows1256 = "windows-1256"
    case windows1257 = "windows-1257"
    case windows1258 = "windows-1258"
    case ibm437
    case ibm850
    case ibm852
    case ibm866
    case macintosh
    case koi8R = "koi8-r"
    case koi8U = "koi8-u"
    case shiftJIS = "shift_jis"
    case windows31J = "windows-31j"
    case eucJP = "euc-jp"
    case iso2022JP = "iso-2022-jp"
    case gb2312
    case gbk
    case gb18030
    case big5
    case eucKR = "euc-kr"
    case thai = "tis-620"

    /// A name as servers write it, whatever its case; nil for an unknown one.
    package init?(declared name: String) {
        let lowered = name.lowercased()
        guard let found = Charset(rawValue: lowered) ?? Self.aliases[lowered] else { return nil }
        self = found
    }

    private static let aliases: [String: Charset] = [
        "utf8": .utf8, "ascii": .ascii, "latin1": .latin1, "latin-1": .latin1,
        "iso8859-1": .latin1, "iso_8859-1": .latin1, "iso88591": .latin1, "l1": .latin1,
        "iso8859-15": .latin9, "iso_8859-15": .latin9, "latin9": .latin9, "latin-9": .latin9,
        "cp1250": .windows1250, "cp1251": .windows1251, "cp1252": .windows1252,
        "cp437": .ibm437, "cp850": .ibm850, "cp852": .ibm852, "cp866": .ibm866,
        "sjis": .shiftJIS, "shift-jis": .shiftJIS, "x-sjis": .shiftJIS, "ms_kanji": .shiftJIS,
        "cp932": .windows31J, "ms932": .windows31J, "eucjp": .eucJP, "x-euc-jp": .eucJP,
        "euckr": .eucKR, "gb_2312-80": .gb2312, "cp936": .gbk, "big-5": .big5,
        "mac": .macintosh, "unicode": .utf16, "ucs-2": .utf16,
    ]
}
