#include "room/deflated_run.h"

#include "websocket/frame.h"

namespace spillway::room {

void DeflatedRun::build(const Ring& ring, std::uint64_t from, std::uint64_t to,
                        websocket::Deflater& deflater) {
  clear();
  from_ = from;
  to_ = to;
  for (std::uint64_t seq = from; seq < to;) {
    const std::uint64_t next = end_of_array(ring, seq, to);
    array_.clear();
    array_.push_back('[');  // and not assign("["), at which g++ 12 warns without reason
    for (const std::string_view piece : ring.bytes(seq, next)) array_.append(piece);
    array_.back() = ']';
    compressed_.clear();
    deflater.deflate(array_, compressed_);
    websocket::append_frame(bytes_, websocket::Opcode::kText, compressed_, true);
    arrays_.push_back({bytes_.size(), next});
    seq = next;
  }
}

}  // namespace spillway::room
