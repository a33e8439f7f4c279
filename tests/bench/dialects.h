// The dialects of servers that Spillway is compared with.
#pragma once

#include <string_view>

#include "load/dialect.h"

namespace spillway::bench {

// "bare": the server passes on to all what it gets, as it is. "nats": NATS over a WebSocket, a room
// being a subject. Null for another name.
const load::Dialect* dialect(std::string_view name);

}  // namespace spillway::bench
