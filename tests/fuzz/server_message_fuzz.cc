// Any bytes a server may send: the client's half reads them or does not, but survives.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "protocol/server_message_parser.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static spillway::protocol::ServerMessageParser parser;
  std::size_t events = 0;
  const bool read = parser.parse({reinterpret_cast<const char*>(bytes), size},
                                 [&](const spillway::protocol::ServerEvent&) { ++events; });
  CHECK(read || events == 0);
  return 0;
}
