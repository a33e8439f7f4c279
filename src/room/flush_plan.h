// What one flush writes to a viewer: pieces of the ring's memory, and where its frames end.
//
// Made once for all viewers that stand at the same position, so that a flush costs each of them
// one kernel call and nothing else. Recycled; allocates nothing once warm.
#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "room/array_end.h"
#include "room/deflated_run.h"
#include "room/ring.h"

namespace spillway::room {

// What one call writes to a viewer that is far behind: the others get their turn in between.
inline constexpr std::size_t kPlanBytesMax = 256 * 1024;

class FlushPlan {
 public:
  // [from, to) of `ring` (perhaps less, see kPlanBytesMax) after `prefix`, which is a whole frame
  // or empty. REQUIRES the ring to stay unchanged while the plan is used.
  void build(const Ring& ring, WireForm form, std::uint64_t from, std::uint64_t to,
             std::string_view prefix);
  // All of `run`, likewise.
  void build(const DeflatedRun& run, std::string_view prefix);

  std::uint64_t from() const { return from_; }
  std::uint64_t to() const { return to_; }  // the viewer's position once all is written
  std::size_t bytes() const { return bytes_; }
  bool empty() const { return pieces_.empty(); }
  std::span<iovec> pieces() { return pieces_; }
  std::size_t messages() const { return static_cast<std::size_t>(to_ - from_); }

  // Where a viewer stands after the kernel took only `written` < bytes() bytes.
  struct Cut {
    std::uint64_t next = 0;  // the first message that is not begun
    std::size_t rest = 0;    // bytes of the begun frame that are still to be written
  };
  Cut cut(const Ring& ring, std::size_t written) const;

  // Appends the bytes [offset, offset + length) of the plan to `out`.
  void copy(std::size_t offset, std::size_t length, std::string& out) const;

 private:
  void begin(WireForm form, std::uint64_t from, std::uint64_t to, std::string_view prefix);
  void add(std::string_view piece);
  void add_arrays(const Ring& ring);

  std::uint64_t from_ = 0;
  std::uint64_t to_ = 0;
  std::size_t bytes_ = 0;
  std::string prefix_;
  WireForm form_ = WireForm::kPlain;
  std::vector<iovec> pieces_;
  std::vector<ArrayEnd> arrays_;  // of the coalesced form, as offsets in the plan
  std::vector<char> headers_;     // frame headers with `[`, 11 bytes an array; fixed while built
};

}  // namespace spillway::room
