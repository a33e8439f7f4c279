// The plans of one slice of flushing. Each is made once and serves all viewers of a room that stand
// at the same position and take the same form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "room/flush_plan.h"
#include "room/ring.h"

namespace spillway::server {

// Owned by a flusher. Recycled; allocates nothing once warm. Holds at most a plan for each viewer
// of a slice.
class SlicePlans {
 public:
  void clear() { used_ = 0; }
  // Plans that follow are of another room than those before.
  void begin_room() { room_begins_ = used_; }

  struct Found {
    room::FlushPlan& plan;
    bool fresh;  // still to be built
  };
  Found at(room::WireForm form, bool deflated, std::uint64_t from) {
    for (std::size_t i = room_begins_; i < used_; ++i) {
      Entry& entry = entries_[i];
      if (entry.from == from && entry.form == form && entry.deflated == deflated) {
        return {entry.plan, false};
      }
    }
    if (used_ == entries_.size()) entries_.emplace_back();
    Entry& entry = entries_[used_++];
    entry.from = from;
    entry.form = form;
    entry.deflated = deflated;
    return {entry.plan, true};
  }

 private:
  struct Entry {
    std::uint64_t from = 0;
    room::WireForm form = room::WireForm::kPlain;
    bool deflated = false;
    room::FlushPlan plan;
  };

  std::deque<Entry> entries_;  // whose addresses hold
  std::size_t used_ = 0;
  std::size_t room_begins_ = 0;
};

}  // namespace spillway::server
