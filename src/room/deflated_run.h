// What a flush carries in the coalesced form, compressed: whole frames, made once for all viewers
// that stand at its start and agreed on permessage-deflate.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "room/array_end.h"
#include "room/ring.h"
#include "websocket/deflate.h"

namespace spillway::room {

// Recycled; allocates nothing once warm.
class DeflatedRun {
 public:
  // [from, to) of `ring`, which is of the coalesced form. Without context takeover, so that every
  // viewer can read it whatever it got before.
  void build(const Ring& ring, std::uint64_t from, std::uint64_t to, websocket::Deflater& deflater);

  void clear() {
    bytes_.clear();
    arrays_.clear();
  }
  bool empty() const { return bytes_.empty(); }

  std::uint64_t from() const { return from_; }
  std::uint64_t to() const { return to_; }
  std::string_view bytes() const { return bytes_; }
  std::span<const ArrayEnd> arrays() const { return arrays_; }

 private:
  std::uint64_t from_ = 0;
  std::uint64_t to_ = 0;
  std::string bytes_;
  std::vector<ArrayEnd> arrays_;
  std::string array_;       // scratch: one as it is,
  std::string compressed_;  // and compressed
};

}  // namespace spillway::room
