// Answers as frames, in the form a viewer asked for: an object, or an array of one.
#pragma once

#include <string>
#include <string_view>

#include "room/ring.h"
#include "websocket/frame.h"

namespace spillway::server {

// Builds one answer at a time: begin(), append its JSON to json(), frame(). Recycled, one a loop.
class AnswerWriter {
 public:
  // What is appended to `json()` until frame() is one JSON object.
  void begin() { json_.assign(1, '['); }
  std::string& json() { return json_; }

  // The whole frame; valid until the next begin().
  std::string_view frame(room::WireForm form) {
    frame_.clear();
    if (form == room::WireForm::kPlain) {
      websocket::append_frame(frame_, websocket::Opcode::kText, std::string_view(json_).substr(1));
    } else {
      json_.push_back(']');
      websocket::append_frame(frame_, websocket::Opcode::kText, json_);
      json_.pop_back();
    }
    return frame_;
  }

 private:
  std::string json_;
  std::string frame_;
};

}  // namespace spillway::server
