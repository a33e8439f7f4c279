// The masking of RFC 6455 section 5.3. Masking twice is unmasking.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace spillway::websocket {

// XORs `bytes` with the mask, whose four bytes are taken as they lie in memory. `offset` is where
// in the frame's payload `bytes` begins.
void apply_mask(std::span<char> bytes, std::uint32_t mask, std::uint64_t offset = 0);

}  // namespace spillway::websocket
