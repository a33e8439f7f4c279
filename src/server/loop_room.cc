#include "server/loop_room.h"

#include <algorithm>

#include "protocol/batch.h"

namespace spillway::server {

room::Ring& LoopRoom::ring(room::WireForm form) {
  auto& wanted = form == room::WireForm::kPlain ? plain : coalesced;
  const auto& other = form == room::WireForm::kPlain ? coalesced : plain;
  if (!wanted) {
    wanted = std::make_unique<room::Ring>(form);
    if (other) wanted->copy_from(*other);
  }
  return *wanted;
}

void LoopRoom::load(const RoomSnapshot& snapshot) {
  if (!open()) opened_seq = snapshot.state.seq;
  state = snapshot.state;
  offered = snapshot.first_seq;
  if (flush) {  // a new epoch may end before what it was going to offer, and says other things
                // there
    flush->offers = std::min(flush->offers, state.seq + 1);
    flush->runs_used = 0;
  }
  if (!plain && !coalesced) plain = std::make_unique<room::Ring>(room::WireForm::kPlain);
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    ring->reset(snapshot.first_seq);
    for (const room::BatchPtr& batch : snapshot.batches) {
      protocol::for_each_line(batch->lines, [ring](std::string_view line) { ring->append(line); });
    }
  }
}

void LoopRoom::append(const room::Batch& batch, std::uint64_t keep) {
  if (batch.last_seq() <= state.seq) return;
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    // A hole that could not be filled: the ring begins anew behind it, and who stands before it
    // is told `gap`.
    if (batch.first_seq != ring->next_seq()) ring->reset(batch.first_seq);
    protocol::for_each_line(batch.lines, [ring](std::string_view line) { ring->append(line); });
  }
  state.seq = batch.last_seq();
  keep_from(keep);
}

void LoopRoom::keep_from(std::uint64_t seq) {
  if (!members.empty()) seq = std::min(seq, offered);
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring != nullptr) ring->drop_before(seq);
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
