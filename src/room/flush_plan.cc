#include "room/flush_plan.h"

#include <algorithm>

#include "base/check.h"
#include "websocket/frame.h"

namespace spillway::room {
namespace {

constexpr std::size_t kHeaderBytesMax = websocket::kServerHeaderBytesMax + 1;  // and `[`
constexpr std::string_view kArrayEnd = "]";

}  // namespace

void FlushPlan::build(const Ring& ring, WireForm form, std::uint64_t from, std::uint64_t to,
                      std::string_view prefix) {
  begin(form, from, ring.fit(from, to, kPlanBytesMax), prefix);
  if (from_ == to_) return;
  if (form == WireForm::kPlain) {
    for (const std::string_view piece : ring.bytes(from_, to_)) add(piece);
  } else {
    add_arrays(ring);
  }
}

void FlushPlan::build(const DeflatedRun& run, std::string_view prefix) {
  begin(WireForm::kCoalesced, run.from(), run.to(), prefix);
  for (const ArrayEnd& array : run.arrays()) {
    arrays_.push_back({prefix_.size() + array.bytes, array.next});
  }
  add(run.bytes());
}

void FlushPlan::begin(WireForm form, std::uint64_t from, std::uint64_t to,
                      std::string_view prefix) {
  pieces_.clear();
  arrays_.clear();
  bytes_ = 0;
  form_ = form;
  from_ = from;
  to_ = to;
  prefix_ = prefix;
  add(prefix_);
}

void FlushPlan::add_arrays(const Ring& ring) {
  // An array holds at least one message, so this is enough, and the headers never move.
  headers_.resize(messages() * kHeaderBytesMax);
  char* header = headers_.data();
  for (std::uint64_t seq = from_; seq < to_;) {
    // Inside the frame stand `[`, the slice without its last comma, and `]`.
    const std::uint64_t next = end_of_array(ring, seq, to_);
    const std::size_t slice_bytes = ring.size(seq, next) - 1;
    std::size_t header_bytes =
        websocket::write_frame_header(header, websocket::Opcode::kText, slice_bytes + 2);
    header[header_bytes++] = '[';
    add({header, header_bytes});
    header += header_bytes;
    std::size_t left = slice_bytes;
    for (const std::string_view piece : ring.bytes(seq, next)) {
      add(piece.substr(0, left));
      left -= std::min(left, piece.size());
    }
    add(kArrayEnd);
    arrays_.push_back({bytes_, next});
    seq = next;
  }
}

FlushPlan::Cut FlushPlan::cut(const Ring& ring, std::size_t written) const {
  CHECK(written < bytes_);
  if (written == 0) return {from_, 0};
  if (written < prefix_.size()) return {from_, prefix_.size() - written};
  if (written == prefix_.size()) return {from_, 0};
  if (form_ == WireForm::kPlain) {
    const std::size_t offset = written - prefix_.size();
    const std::uint64_t begun = ring.message_at(from_, offset);
    if (ring.size(from_, begun) == offset) return {begun, 0};
    return {begun + 1, ring.size(from_, begun + 1) - offset};
  }
  const auto array = std::find_if(arrays_.begin(), arrays_.end(),
                                  [written](const ArrayEnd& a) { return a.bytes >= written; });
  CHECK(array != arrays_.end());
  const std::size_t begin = array == arrays_.begin() ? prefix_.size() : (array - 1)->bytes;
  CHECK(written > begin);
  return {array->next, array->bytes - written};
}

void FlushPlan::copy(std::size_t offset, std::size_t length, std::string& out) const {
  for (const iovec& piece : pieces_) {
    if (length == 0) return;
    if (offset >= piece.iov_len) {
      offset -= piece.iov_len;
      continue;
    }
    const std::size_t taken = std::min(piece.iov_len - offset, length);
    out.append(static_cast<const char*>(piece.iov_base) + offset, taken);
    offset = 0;
    length -= taken;
  }
}

void FlushPlan::add(std::string_view piece) {
  if (piece.empty()) return;
  // iovec is C's and has no const; the kernel only reads from it here.
  pieces_.push_back({const_cast<char*>(piece.data()), piece.size()});
  bytes_ += piece.size();
}

}  // namespace spillway::room
