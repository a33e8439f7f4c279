// One of at most two connections of a viewer, without I/O.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "load/dialect.h"
#include "websocket/client_handshake.h"
#include "websocket/frame.h"
#include "websocket/message_reader.h"

namespace spillway::load {

struct Link {
  static constexpr std::size_t kMessageBytesMax = 64 * 1024;

  // The request is the first thing that is to be written. `dialect`: as in Manners.
  Link(websocket::ClientRequest request, const Dialect* dialect);

  void send(websocket::Opcode opcode, std::string_view payload, std::uint32_t mask);
  // So much of `out` was.
  void written(std::size_t bytes);

  std::unique_ptr<websocket::ClientHandshake> handshake;  // until it is upgraded
  websocket::MessageReader reader;
  std::string out;         // to be written
  std::string rest;        // what a dialect has left over of a message
  std::uint64_t next = 0;  // what is lower came on it before
  TimePoint heard;         // something, the last time
  bool registered = false;
};

}  // namespace spillway::load
