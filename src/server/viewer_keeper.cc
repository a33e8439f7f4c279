#include "server/viewer_keeper.h"

#include <algorithm>

#include "protocol/server_message.h"
#include "server/loop_rooms.h"

namespace spillway::server {
namespace {

using State = net::Connection::State;

}  // namespace

void ViewerKeeper::accepted(Viewer& viewer) {
  viewer.born_tick = loop_.wheel.now();
  loop_.check_by(viewer, viewer.born_tick + kHandshakeTicks);
}

void ViewerKeeper::opened(Viewer& viewer) {
  const std::uint32_t now = loop_.wheel.now();
  viewer.sent_tick = now;
  viewer.ping_due_tick = next_ping(now);
  loop_.check_by(viewer, std::min(viewer.ping_due_tick, now + kSilenceTicks));
}

void ViewerKeeper::closing(Viewer& viewer) {
  viewer.born_tick = loop_.wheel.now();
  loop_.check_by(viewer, viewer.born_tick + kCloseTicks);
}

void ViewerKeeper::pong(Viewer& viewer) { viewer.pong_due_tick = 0; }

void ViewerKeeper::tick() {
  for (const ViewerWheel::Entry& entry : loop_.wheel.advance()) {
    Viewer* const viewer = loop_.viewers.find(entry.slot, entry.generation);
    if (viewer == nullptr || viewer->check_tick != entry.tick) continue;
    viewer->check_tick = 0;
    const std::uint32_t next = check(*viewer, entry.tick);
    if (next != 0) loop_.check_by(*viewer, next);
  }
}

// What is due for the viewer; returns when to look again, 0: not at all.
std::uint32_t ViewerKeeper::check(Viewer& viewer, std::uint32_t now) {
  switch (viewer.connection.state()) {
    case State::kHandshake:
      if (now < viewer.born_tick + kHandshakeTicks) return viewer.born_tick + kHandshakeTicks;
      loop_.counters[Counter::kHandshakesTimedOut]++;
      viewer.connection.abort();
      return 0;
    case State::kClosing:
      // An answer to a plain request closes from the handshake: its time began at accept.
      if (now < viewer.born_tick + kCloseTicks) return viewer.born_tick + kCloseTicks;
      viewer.connection.abort();
      return 0;
    case State::kOpen:
      return check_open(viewer, now);
    case State::kClosed:
      return 0;
  }
  return 0;
}

std::uint32_t ViewerKeeper::check_open(Viewer& viewer, std::uint32_t now) {
  if (viewer.pong_due_tick != 0 && now >= viewer.pong_due_tick) {
    loop_.close(viewer, protocol::CloseCode::kNoPong);
    return 0;
  }
  if (viewer.leave_tick != 0 && now >= viewer.leave_tick && viewer.unanswered == 0) {
    loop_.close(viewer, protocol::CloseCode::kDraining);
    return 0;
  }
  const bool silent = now >= viewer.sent_tick + kSilenceTicks;
  if (silent && viewer.attached) sign_of_life(viewer);
  // A ping that is due soon goes with the sign of life, in one write.
  if (now + (silent ? kPingTicks / 4 : 0) >= viewer.ping_due_tick) ping(viewer, now);
  if (viewer.connection.state() != State::kOpen) return 0;
  std::uint32_t next = viewer.ping_due_tick;
  next = std::min(next, std::max(viewer.sent_tick + kSilenceTicks, now + kSecond));
  if (viewer.pong_due_tick != 0) next = std::min(next, viewer.pong_due_tick);
  if (viewer.leave_tick != 0) next = std::min(next, std::max(viewer.leave_tick, now + kSecond));
  return next;
}

void ViewerKeeper::ping(Viewer& viewer, std::uint32_t now) {
  viewer.ping_due_tick = next_ping(now);
  if (viewer.pong_due_tick == 0) viewer.pong_due_tick = now + kPongTicks;
  static constexpr std::string_view kPing{"\x89\x00", 2};  // FIN, opcode 9, no payload
  if (!viewer.connection.queue(kPing)) loop_.close(viewer, protocol::CloseCode::kSlowViewer);
}

// A browser cannot see pings: what hears nothing for 40 s takes the connection for lost.
void ViewerKeeper::sign_of_life(Viewer& viewer) {
  loop_.answer.begin();
  protocol::append_viewers(loop_.answer.json(), LoopRooms::viewers_of(*viewer.room));
  loop_.send(viewer);
}

std::uint32_t ViewerKeeper::next_ping(std::uint32_t now) {
  return now + kPingTicks - static_cast<std::uint32_t>(loop_.random.below(kPingTicks / 5));
}

}  // namespace spillway::server
