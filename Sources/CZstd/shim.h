#ifndef PULLCORD_CZSTD_SHIM_H
#define PULLCORD_CZSTD_SHIM_H

#include <zstd.h>

#endif
