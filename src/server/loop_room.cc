#include "server/loop_room.h"

#include <algorithm>

namespace spillway::server {

void LoopRoom::load(const RoomSnapshot& snapshot) {
  RoomRings::load(snapshot);
  if (flush) {  // who had its turn stands elsewhere now, and was offered nothing of this
    flush->offers = offered;
    flush->runs_used = 0;
  }
}

void LoopRoom::append(const room::Batch& batch, std::uint64_t keep) {
  if (RoomRings::append(batch)) keep_from(keep);
}

void LoopRoom::keep_from(std::uint64_t seq) {
  if (members.empty()) {
    drop_before(seq);
  } else {
    drop_offered_before(seq);
  }
}

void LoopRoom::drop_unused_ring() {
  if (!plain || !coalesced) return;
  const auto uses = [this](room::WireForm form) {
    return std::any_of(members.begin(), members.end(),
                       [form](const Viewer* viewer) { return viewer->form == form; });
  };
  if (!uses(room::WireForm::kPlain)) {
    plain.reset();
  } else if (!uses(room::WireForm::kCoalesced)) {
    coalesced.reset();
  }
}

std::size_t LoopRoom::ring_bytes() const {
  return (plain ? plain->memory_bytes() : 0) + (coalesced ? coalesced->memory_bytes() : 0);
}

}  // namespace spillway::server
