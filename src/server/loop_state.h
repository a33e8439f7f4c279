// What the parts of one loop's shard share: viewers, timers, counters, the way to the hub.
#pragma once

#include <cstdint>
#include <vector>

#include "base/log.h"
#include "base/random.h"
#include "net/connection.h"
#include "protocol/close_code.h"
#include "protocol/error_code.h"
#include "server/counters.h"
#include "server/loop_room.h"
#include "server/messages.h"
#include "server/options.h"
#include "server/viewer_table.h"
#include "server/viewer_wheel.h"
#include "server/wire.h"

namespace spillway::server {

// Owned by its Shard; only ever used on that loop.
struct LoopState {
  LoopState(std::uint32_t loop_index, boost::asio::io_context& context,
            const ServerOptions& server_options, Log& server_log, PostToHub post_to_hub)
      : index(loop_index),
        options(server_options),
        log(server_log),
        to_hub(std::move(post_to_hub)),
        net(context),
        viewers(loop_index),
        random(random_seed()) {}

  const std::uint32_t index;
  const ServerOptions& options;
  Log& log;
  const PostToHub to_hub;
  net::LoopShared net;
  Counters counters;
  ViewerWheel wheel;
  ViewerTable viewers;
  AnswerWriter answer;
  Random random;
  std::vector<LoopRoom*> changed_rooms;  // for the next tally

  // Sends what stands in `answer`. A viewer that does not read its answers is closed.
  void send(Viewer& viewer);
  void send_error(Viewer& viewer, protocol::ErrorCode code, std::string_view message,
                  std::string_view id = {}, std::optional<std::uint64_t> retry_after_ms = {});
  void close(Viewer& viewer, protocol::CloseCode code);
  // The wheel looks at the viewer at `tick` at the latest.
  void check_by(Viewer& viewer, std::uint32_t tick);
  void mark_changed(LoopRoom& room);
};

}  // namespace spillway::server
