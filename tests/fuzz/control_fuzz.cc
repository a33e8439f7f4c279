// Any bytes on a server's control channel: an order that is accepted is encoded and read again as
// the same order.
#include <cstddef>
#include <cstdint>

#include "base/check.h"
#include "protocol/control.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  const auto order =
      spillway::protocol::parse_control({reinterpret_cast<const char*>(bytes), size});
  if (!order) return 0;
  const auto again = spillway::protocol::parse_control(spillway::protocol::encode_control(*order));
  CHECK(again.has_value() && *again == *order);
  return 0;
}
