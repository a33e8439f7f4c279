#include "load/transcript.h"

#include "websocket/frame.h"

namespace spillway::load {

void Transcript::forget() {
  for (Entry& entry : entries_) entry.seq = 0;
}

void Transcript::add(std::uint64_t seq, std::optional<TimePoint> due, std::string_view text) {
  if (text.size() > kTextBytesMax) return;
  Entry& entry = entries_[seq & (entries_.size() - 1)];
  if (entry.seq >= seq) return;
  entry.seq = seq;
  entry.due = due;
  entry.frame.clear();
  websocket::append_frame(entry.frame, websocket::Opcode::kText, text);
}

}  // namespace spillway::load
