/* The catalogue of kinds. */
#include "terrier/model/kind.h"
