#include "server/position_check.h"

#include <algorithm>
#include <utility>

#include "server/scripts.h"

namespace spillway::server {
namespace {

constexpr int kPatienceTicks = 5;  // with the answer to a probe

}  // namespace

PositionCheck::PositionCheck(RedisLink& link, const protocol::RedisNames& names, Ports ports)
    : link_(link), names_(names), ports_(std::move(ports)), script_(positions_script()) {}

void PositionCheck::add(const HubRoom& room) { turns_.push_back({room.name, room.life}); }

void PositionCheck::tick() {
  if (!probed_.empty() && ++waited_ > kPatienceTicks) probed_.clear();
  // While Redis is away no room is live and nothing is asked, but rooms that are gone are let go.
  if (calls_ > 0) return;
  const std::size_t due = (turns_.size() + kRoundSeconds - 1) / kRoundSeconds;
  std::vector<Seen> rooms;
  for (std::size_t left = std::min(due, kCallsPerSecond * kRoomsPerCall); left > 0; --left) {
    Entry turn = std::move(turns_.front());
    turns_.pop_front();
    const HubRoom* const room = ports_.find(turn.room);
    if (room == nullptr || room->life != turn.life) continue;
    // Away or reading: it is compared anyway.
    if (room->sync.phase() == room::RoomSync::Phase::kLive) {
      rooms.push_back({turn.room, room->round, room->sync.state().seq});
      if (rooms.size() == kRoomsPerCall) ask(std::exchange(rooms, {}));
    }
    turns_.push_back(std::move(turn));
  }
  if (!rooms.empty()) ask(std::move(rooms));
}

// Where the logs are read, so that a publish never waits for it.
void PositionCheck::ask(std::vector<Seen> rooms) {
  std::vector<std::string> keys;
  keys.reserve(rooms.size());
  for (const Seen& seen : rooms) keys.push_back(names_.room_meta(seen.room));
  ++calls_;
  const auto sent =
      script_.eval(link_.reader(), std::move(keys), {},
                   [this, rooms = std::move(rooms)](const redis::Answer& answer) mutable {
                     --calls_;
                     answered(rooms, answer);
                   });
  if (sent != redis::Client::Sent::kQueued) --calls_;  // their turn comes again
}

void PositionCheck::answered(std::vector<Seen>& rooms, const redis::Answer& answer) {
  if (answer.fate == redis::Fate::kAnswered && answer.reply.size() == 2 * rooms.size()) {
    for (std::size_t i = 0; i < rooms.size(); ++i) {
      Seen& seen = rooms[i];
      seen.epoch = answer.reply[2 * i].text();
      const auto seq = answer.reply[2 * i + 1].integer();
      seen.seq = seq && *seq > 0 ? static_cast<std::uint64_t>(*seq) : 0;
      if (standing(seen) != Standing::kLevel) suspects_.push_back(std::move(seen));
    }
  }
  if (calls_ == 0 && probed_.empty() && !suspects_.empty()) probe();
}

PositionCheck::Standing PositionCheck::standing(const Seen& seen) const {
  const HubRoom* const room = ports_.find(seen.room);
  if (room == nullptr || room->round != seen.round) return Standing::kLevel;
  const room::RoomSync& sync = room->sync;
  if (sync.phase() != room::RoomSync::Phase::kLive) return Standing::kLevel;
  if (seen.epoch != sync.state().epoch || seen.seq < seen.held) return Standing::kElsewhere;
  return seen.seq > sync.state().seq ? Standing::kMissed : Standing::kLevel;
}

// What Redis has may still be on its way here, on another connection than the answer. When the
// subscriber has passed this point, it is not.
void PositionCheck::probe() {
  probed_ = std::exchange(suspects_, {});
  waited_ = 0;
  link_.subscriber().probe([this] { passed(); });
}

void PositionCheck::passed() {
  for (const Seen& seen : std::exchange(probed_, {})) {
    const Standing now = standing(seen);
    if (now == Standing::kElsewhere) ports_.on_elsewhere(*ports_.find(seen.room));
    if (now == Standing::kMissed) ports_.on_missed(*ports_.find(seen.room));
  }
}

}  // namespace spillway::server
