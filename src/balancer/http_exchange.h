// What a handler holds of a connection: a request that waits for its answer, or a stream of events.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "balancer/http_message.h"

namespace spillway::balancer {

class HttpConnection;

// A peer that listens to Server-Sent Events. Its holder's, on the server's loop; dropping it ends
// the stream. It may outlive the HttpServer, and is gone then. Bounded by kEventsWaitingMax and
// by HttpLimits::event_timeout for a write: who takes less is dropped, and comes back for the
// whole.
class EventStream {
 public:
  enum class Sent { kQueued, kGone };  // kGone: for good; drop the stream
  static constexpr std::size_t kEventsWaitingMax = 8;

  explicit EventStream(std::shared_ptr<HttpConnection> connection);
  ~EventStream();
  EventStream(EventStream&& other) noexcept = default;
  EventStream& operator=(EventStream&& other) noexcept;

  // `event` is sent as it is: one or more whole events, with their empty line. Many streams may
  // share it.
  [[nodiscard]] Sent send(std::shared_ptr<const std::string> event);

 private:
  std::shared_ptr<HttpConnection> connection_;  // nullptr: moved from
};

// One request. Its holder's, on the server's loop; answered once, now or later (the connection is
// closed after HttpLimits::answer_timeout), and dropped unanswered it closes the connection. It
// may outlive the HttpServer; answers go nowhere then.
class Exchange {
 public:
  explicit Exchange(std::shared_ptr<HttpConnection> connection);
  ~Exchange();
  Exchange(Exchange&& other) noexcept = default;
  Exchange& operator=(Exchange&& other) noexcept;

  // Until it is answered.
  const Request& request() const;

  void answer(Response response);

  // `headers`: further lines, each with its CRLF. None where it was answered already: with 503, if
  // there are as many streams as may be, or with the head alone that HEAD asks for.
  std::optional<EventStream> stream(std::string_view headers = {});

 private:
  std::shared_ptr<HttpConnection> connection_;  // nullptr: answered, or moved from
};

}  // namespace spillway::balancer
