#include "session/bus.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/check.h"
#include "base/overloaded.h"
#include "protocol/batch.h"
#include "protocol/message_line.h"

namespace spillway::fuzz {

using server::ToLoop;

Post Bus::take(server::ToHub&& message) {
  taken_.push_back(std::move(message));
  return Post::kAccepted;
}

std::vector<ToLoop> Bus::answers() {
  for (const server::ToHub& message : std::exchange(taken_, {})) {
    std::visit(overloaded{[](const server::Tally&) {}, [this](const auto& m) { answer(m); }},
               message);
  }
  return std::exchange(answers_, {});
}

std::vector<ToLoop> Bus::speak(std::string_view text) {
  for (const auto& [name, room] : rooms_) {
    if (!room.wanted) continue;
    std::string line;
    protocol::append_message_line(line, {}, 1, text, {});
    answers_.emplace_back(log(name, std::move(line)));
  }
  return answers();
}

std::vector<ToLoop> Bus::begin_new_epochs(std::size_t messages) {
  for (auto& [name, room] : rooms_) {
    for (std::size_t i = 0; i < messages && !room.batches.empty(); ++i) room.batches.pop_back();
    room.state.prev_epoch = room.state.epoch;
    room.state.epoch = "epoch-" + std::to_string(++epochs_);
    if (messages > 0) {
      room.state.seq = room.batches.empty()
                           ? room.state.seq - std::min<std::uint64_t>(room.state.seq, messages)
                           : room.batches.back()->last_seq();
    }
    room.state.prev_seq = room.state.seq;
    if (room.wanted) answers_.emplace_back(snapshot(name, false));
  }
  return std::exchange(answers_, {});
}

std::uint64_t Bus::seq(std::string_view room) const { return rooms_.find(room)->second.state.seq; }

void Bus::answer(const server::WantRoom& want) {
  Room& room = rooms_[want.room];
  CHECK(!room.wanted);
  room.wanted = true;
  if (room.state.epoch.empty()) room.state.epoch = "epoch-" + std::to_string(++epochs_);
  answers_.emplace_back(snapshot(want.room, 0));
}

void Bus::answer(const server::ReleaseRoom& release) {
  Room& room = rooms_[release.room];
  CHECK(room.wanted);
  room.wanted = false;
}

void Bus::answer(const server::RecheckRoom& recheck) {
  if (rooms_[recheck.room].wanted) answers_.emplace_back(snapshot(recheck.room, recheck.question));
}

void Bus::answer(const server::Publish& publish) {
  CHECK(rooms_[publish.room].wanted);
  const room::Outgoing& message = publish.message;
  if (fate_ == Fate::kUnavailable) {
    answers_.emplace_back(server::Unavailable{{{message.viewer, message.id}}});
  } else if (fate_ == Fate::kUnknown) {
    answers_.emplace_back(server::FateUnknown{{message.viewer}});
  } else {
    server::RoomBatch batch = log(publish.room, message.line);
    const std::uint64_t seq = batch.batch->first_seq;
    answers_.emplace_back(std::move(batch));
    if (!message.id.empty()) {
      answers_.emplace_back(server::Published{publish.room, {{message.viewer, message.id, seq}}});
    }
  }
}

server::RoomSnapshot Bus::snapshot(const std::string& name, std::uint64_t answers) {
  const Room& room = rooms_[name];
  server::RoomSnapshot snapshot;
  snapshot.room = name;
  snapshot.state = room.state;
  snapshot.batches = room.batches;
  snapshot.first_seq = room.batches.empty() ? room.state.seq + 1 : room.batches[0]->first_seq;
  snapshot.answers = answers;
  return snapshot;
}

// Whatever a viewer said must be a valid batch, else other servers would refuse it.
server::RoomBatch Bus::log(const std::string& name, std::string line) {
  Room& room = rooms_[name];
  std::string bytes;
  protocol::append_batch_header(bytes, {room.state.epoch, room.state.seq + 1, 1, "bus", 1});
  bytes += line;
  const auto parsed = protocol::parse_batch(bytes);
  const auto* const view = std::get_if<protocol::BatchView>(&parsed);
  CHECK(view != nullptr);
  room.batches.push_back(room::make_batch(*view, {}));
  ++room.state.seq;
  return {name, room.batches.back(), 0};
}

}  // namespace spillway::fuzz
