#pragma once

#include "base/address.h"

namespace spillway::cli {
using spillway::Address;
using spillway::parse_address;
}  // namespace spillway::cli
