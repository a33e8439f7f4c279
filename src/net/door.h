// A mailbox and the loop behind it: values from other loops arrive on this loop's thread.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <functional>
#include <utility>
#include <vector>

#include "base/mailbox.h"

namespace spillway::net {

// post() is thread-safe; the handler runs on the loop. Bounded by `messages_max`. REQUIRES to
// outlive the loop's run.
template <typename Message>
class Door {
 public:
  using Handle = std::function<void(Message&&)>;

  Door(boost::asio::io_context& context, std::size_t messages_max, Handle handle)
      : context_(context), mailbox_(messages_max), handle_(std::move(handle)) {}

  [[nodiscard]] Post post(Message message) {
    const Post result = mailbox_.post(std::move(message));
    if (result == Post::kAcceptedWake) boost::asio::post(context_, [this] { drain(); });
    return result;
  }

 private:
  void drain() {
    mailbox_.drain(batch_);
    for (Message& message : batch_) handle_(std::move(message));
    batch_.clear();
  }

  boost::asio::io_context& context_;
  Mailbox<Message> mailbox_;
  Handle handle_;
  std::vector<Message> batch_;  // recycled
};

}  // namespace spillway::net
