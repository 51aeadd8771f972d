#ifndef PULLCORD_CZLIB_SHIM_H
#define PULLCORD_CZLIB_SHIM_H

#include <zlib.h>

// 15 bits of window, and 16 for gzip's own header and checksum (RFC 1952).
static inline int pullcord_inflate_init(z_stream *stream) {
    return inflateInit2(stream, 15 + 16);
}

// zlib's own header has no name and no time, so that equal contents make equal bytes.
static inline int pullcord_deflate_init(z_stream *stream) {
    return deflateInit2(stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
}

#endif
