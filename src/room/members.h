// The viewers of one room on one loop, as a list that a flush can walk in slices while viewers
// come and go.
//
// [0, cursor) has had the current flush, [cursor, size) has not. Removing keeps that true in
// constant time; who is added during a flush is already up to date and stands behind the end.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/check.h"

namespace spillway::room {

template <typename Viewer>
class Members {
 public:
  std::size_t size() const { return viewers_.size(); }
  bool empty() const { return viewers_.empty(); }
  Viewer* operator[](std::size_t index) const { return viewers_[index]; }
  auto begin() const { return viewers_.begin(); }
  auto end() const { return viewers_.end(); }

  // The viewer's own `member_index` is where it stands here; this class keeps it true.
  void add(Viewer* viewer) { place(viewer, grow()); }

  void remove(Viewer* viewer) {
    std::size_t hole = viewer->member_index;
    CHECK(hole < viewers_.size() && viewers_[hole] == viewer);
    if (hole < cursor_) {
      --cursor_;
      place(viewers_[cursor_], hole);
      hole = cursor_;
    }
    if (hole + 1 != viewers_.size()) place(viewers_.back(), hole);
    viewers_.pop_back();
    if (viewers_.empty()) viewers_.shrink_to_fit();
  }

  void begin_flush() { cursor_ = 0; }
  bool flush_done() const { return cursor_ >= viewers_.size(); }
  // The next viewer of the current flush. REQUIRES !flush_done().
  Viewer* advance() { return viewers_[cursor_++]; }

 private:
  std::size_t grow() {
    viewers_.push_back(nullptr);
    return viewers_.size() - 1;
  }
  void place(Viewer* viewer, std::size_t index) {
    viewers_[index] = viewer;
    viewer->member_index = static_cast<std::uint32_t>(index);
  }

  std::vector<Viewer*> viewers_;
  std::size_t cursor_ = 0;
};

}  // namespace spillway::room
