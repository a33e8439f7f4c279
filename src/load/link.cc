#include "load/link.h"

#include <utility>

namespace spillway::load {
namespace {

websocket::ReaderOptions reader_options(const Dialect* dialect) {
  websocket::ReaderOptions options;
  options.role = websocket::ReaderOptions::Role::kClient;
  options.message_bytes_max = Link::kMessageBytesMax;
  options.allow_binary = dialect != nullptr && dialect->binary();
  return options;
}

}  // namespace

Link::Link(websocket::ClientRequest request, const Dialect* dialect)
    : reader(reader_options(dialect)), out(websocket::client_request(request)) {
  handshake = std::make_unique<websocket::ClientHandshake>(std::move(request));
}

void Link::send(websocket::Opcode opcode, std::string_view payload, std::uint32_t mask) {
  websocket::append_masked_frame(out, opcode, payload, mask);
}

void Link::written(std::size_t bytes) {
  if (bytes == out.size()) {
    out = {};  // an idle viewer owns no buffer
  } else {
    out.erase(0, bytes);
  }
}

}  // namespace spillway::load
