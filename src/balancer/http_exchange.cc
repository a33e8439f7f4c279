#include "balancer/http_exchange.h"

#include <utility>

#include "balancer/http_connection.h"
#include "base/check.h"

namespace spillway::balancer {

EventStream::EventStream(std::shared_ptr<HttpConnection> connection)
    : connection_(std::move(connection)) {}

EventStream::~EventStream() {
  if (connection_) connection_->close();
}

EventStream& EventStream::operator=(EventStream&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

EventStream::Sent EventStream::send(std::shared_ptr<const std::string> event) {
  CHECK(connection_ && event);
  return connection_->send(std::move(event));
}

Exchange::Exchange(std::shared_ptr<HttpConnection> connection)
    : connection_(std::move(connection)) {}

Exchange::~Exchange() {
  if (connection_) connection_->close();
}

Exchange& Exchange::operator=(Exchange&& other) noexcept {
  std::swap(connection_, other.connection_);
  return *this;
}

const Request& Exchange::request() const {
  CHECK(connection_);
  return connection_->request();
}

void Exchange::answer(Response response) {
  CHECK(connection_);
  std::exchange(connection_, nullptr)->answer(std::move(response));
}

std::optional<EventStream> Exchange::stream(std::string_view headers) {
  CHECK(connection_);
  const auto connection = std::exchange(connection_, nullptr);
  if (!connection->begin_stream(headers)) return std::nullopt;
  return EventStream(connection);
}

}  // namespace spillway::balancer
