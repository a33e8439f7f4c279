#include "room/room_rings.h"

#include "protocol/batch.h"

namespace spillway::room {

Ring& RoomRings::ring(WireForm form) {
  auto& wanted = form == WireForm::kPlain ? plain : coalesced;
  const auto& other = form == WireForm::kPlain ? coalesced : plain;
  if (!wanted) {
    wanted = std::make_unique<Ring>(form);
    if (other) wanted->copy_from(*other);
  }
  return *wanted;
}

void RoomRings::load(const RoomSnapshot& snapshot) {
  if (!open()) opened_seq = snapshot.state.seq;
  state = snapshot.state;
  offered = snapshot.first_seq;
  if (!plain && !coalesced) plain = std::make_unique<Ring>(WireForm::kPlain);
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    ring->reset(snapshot.first_seq);
    for (const BatchPtr& batch : snapshot.batches) {
      protocol::for_each_line(batch->lines, [ring](std::string_view line) { ring->append(line); });
    }
  }
}

bool RoomRings::append(const Batch& batch) {
  if (batch.last_seq() <= state.seq) return false;
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    // A hole that could not be filled: the ring begins anew behind it, and who stands before it
    // is told `gap`.
    if (batch.first_seq != ring->next_seq()) ring->reset(batch.first_seq);
    protocol::for_each_line(batch.lines, [ring](std::string_view line) { ring->append(line); });
  }
  state.seq = batch.last_seq();
  return true;
}

void RoomRings::drop_before(std::uint64_t seq) {
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring != nullptr) ring->drop_before(seq);
  }
}

}  // namespace spillway::room
