#ifndef PULLCORD_CYAML_SHIM_H
#define PULLCORD_CYAML_SHIM_H

#include <yaml.h>

#endif
