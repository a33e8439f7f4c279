#include "server/loop_state.h"

#include "protocol/server_message.h"

namespace spillway::server {

void LoopState::send(Viewer& viewer) {
  if (!viewer.connection.queue(answer.frame(viewer.form))) {
    close(viewer, protocol::CloseCode::kSlowViewer);
    return;
  }
  viewer.sent_tick = wheel.now();
}

void LoopState::send_error(Viewer& viewer, protocol::ErrorCode code, std::string_view message,
                           std::string_view id, std::optional<std::uint64_t> retry_after_ms) {
  answer.begin();
  protocol::append_error(answer.json(), code, message, retry_after_ms, id);
  send(viewer);
}

void LoopState::close(Viewer& viewer, protocol::CloseCode code) {
  viewer.connection.close(static_cast<std::uint16_t>(code), protocol::reason(code));
}

void LoopState::check_by(Viewer& viewer, std::uint32_t tick) {
  // An entry that comes earlier anyway will look ahead again.
  if (viewer.check_tick != 0 && viewer.check_tick <= tick && viewer.check_tick > wheel.now())
    return;
  viewer.check_tick = wheel.add(viewer.connection.tag(), viewer.generation, tick);
}

void LoopState::mark_changed(LoopRoom& room) {
  if (room.changed) return;
  room.changed = true;
  changed_rooms.push_back(&room);
}

}  // namespace spillway::server
