#include "websocket/mask.h"

#include <array>
#include <cstring>

namespace spillway::websocket {

void apply_mask(std::span<char> bytes, std::uint32_t mask, std::uint64_t offset) {
  if (mask == 0) return;
  std::array<char, sizeof(mask)> mask_bytes;
  std::memcpy(mask_bytes.data(), &mask, sizeof(mask));
  std::array<char, sizeof(std::uint64_t)> key;  // the mask twice, turned to begin at `offset`
  for (std::size_t i = 0; i < key.size(); ++i) key[i] = mask_bytes[(offset + i) % sizeof(mask)];
  std::uint64_t wide_key;
  std::memcpy(&wide_key, key.data(), sizeof(wide_key));

  std::size_t i = 0;
  for (; i + sizeof(wide_key) <= bytes.size(); i += sizeof(wide_key)) {
    std::uint64_t word;
    std::memcpy(&word, bytes.data() + i, sizeof(word));
    word ^= wide_key;
    std::memcpy(bytes.data() + i, &word, sizeof(word));
  }
  for (; i < bytes.size(); ++i) {
    bytes[i] = static_cast<char>(bytes[i] ^ key[i % key.size()]);
  }
}

}  // namespace spillway::websocket
