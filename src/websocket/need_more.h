// What a parser of this module answers when its input is used up and the next bytes decide.
#pragma once

namespace spillway::websocket {

struct NeedMore {
  friend bool operator==(const NeedMore&, const NeedMore&) = default;
};

}  // namespace spillway::websocket
