#include "room/room_rings.h"

#include <utility>

#include "protocol/batch.h"

namespace spillway::room {
namespace {

void append_lines(Ring& ring, const Batch& batch) {
  protocol::for_each_line(batch.lines, [&ring](std::string_view line) { ring.append(line); });
}

}  // namespace

Ring& RoomRings::ring(WireForm form) {
  auto& wanted = form == WireForm::kPlain ? plain : coalesced;
  const auto& other = form == WireForm::kPlain ? coalesced : plain;
  if (!wanted) {
    const bool rested = resting();
    wanted = std::make_unique<Ring>(form);
    if (other) wanted->copy_from(*other);
    if (rested) {
      wanted->reset(rest_log ? rest_log->first_seq : state.seq + 1);
      if (rest_log) append_lines(*wanted, *rest_log);
      rest_log.reset();
    }
  }
  return *wanted;
}

std::uint64_t RoomRings::first_seq() const {
  if (!resting()) return any_ring().first_seq();
  return rest_log ? rest_log->first_seq : state.seq + 1;
}

void RoomRings::rest(BatchPtr log) {
  if (!open() || (log && log->last_seq() != state.seq)) return;
  if (!resting()) rest_form = plain ? WireForm::kPlain : WireForm::kCoalesced;
  plain.reset();
  coalesced.reset();
  rest_log = std::move(log);
}

void RoomRings::wake() {
  if (resting()) static_cast<void>(ring(rest_form));
}

void RoomRings::load(const RoomSnapshot& snapshot) {
  wake();
  if (!open()) opened_seq = snapshot.state.seq;
  state = snapshot.state;
  offered = snapshot.first_seq;
  if (!plain && !coalesced) plain = std::make_unique<Ring>(WireForm::kPlain);
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    ring->reset(snapshot.first_seq);
    for (const BatchPtr& batch : snapshot.batches) {
      append_lines(*ring, *batch);
    }
  }
}

bool RoomRings::append(const Batch& batch) {
  if (batch.last_seq() <= state.seq) return false;
  wake();
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring == nullptr) continue;
    // A hole that could not be filled: the ring begins anew behind it, and who stands before it
    // is told `gap`.
    if (batch.first_seq != ring->next_seq()) ring->reset(batch.first_seq);
    append_lines(*ring, batch);
  }
  state.seq = batch.last_seq();
  return true;
}

void RoomRings::drop_before(std::uint64_t seq) {
  if (rest_log && rest_log->last_seq() < seq) rest_log.reset();
  for (auto* ring : {plain.get(), coalesced.get()}) {
    if (ring != nullptr) ring->drop_before(seq);
  }
}

}  // namespace spillway::room
