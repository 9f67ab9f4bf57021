// libzmq's objects as owners, its settings as this project uses them. zmq.h is included by no public header.
// Thread rule: a context may be used from any thread, a socket and a message have one owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <zmq.h>

#include "runtime/core/liveness.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::transport {

/// With one thread for input and output. Destroy its sockets first: its destruction waits until they have lingered.
class ZmqContext {
 public:
  ZmqContext() : handle_(zmq_ctx_new()) {}
  ~ZmqContext() { zmq_ctx_term(handle_); }
  ZmqContext(const ZmqContext&) = delete;
  ZmqContext& operator=(const ZmqContext&) = delete;

  void* handle() const { return handle_; }

 private:
  void* handle_;
};

class ZmqSocket {
 public:
  /// Where the process may open no more files, valid() is false.
  ZmqSocket(const ZmqContext& context, int type) : handle_(zmq_socket(context.handle(), type)) {}
  ~ZmqSocket() {
    if (valid()) zmq_close(handle_);
  }
  ZmqSocket(ZmqSocket&& other) noexcept : handle_(other.handle_) { other.handle_ = nullptr; }
  ZmqSocket(const ZmqSocket&) = delete;
  ZmqSocket& operator=(const ZmqSocket&) = delete;
  ZmqSocket& operator=(ZmqSocket&&) = delete;

  bool valid() const { return handle_ != nullptr; }
  void* handle() const { return handle_; }

  /// An option that this library knows, with a value that it takes: anything else is a mistake in this program.
  void set(int option, int value);
  void set(int option, std::int64_t value);
  void set(int option, std::string_view value);

 private:
  void* handle_;
};

/// One frame.
class ZmqMessage {
 public:
  ZmqMessage() { zmq_msg_init(&raw_); }
  ~ZmqMessage() { zmq_msg_close(&raw_); }
  ZmqMessage(const ZmqMessage&) = delete;
  ZmqMessage& operator=(const ZmqMessage&) = delete;

  zmq_msg_t* raw() { return &raw_; }
  const std::byte* data() { return static_cast<const std::byte*>(zmq_msg_data(&raw_)); }
  std::size_t size() const { return zmq_msg_size(&raw_); }
  std::string_view text() { return {static_cast<const char*>(zmq_msg_data(&raw_)), size()}; }
  bool more() const { return zmq_msg_more(&raw_) != 0; }
  /// Of the connection that it came over; empty where there is none of that name.
  std::string_view property(const char* name);

 private:
  zmq_msg_t raw_;
};

/// False: there is none just now.
bool receive(ZmqSocket& socket, ZmqMessage& message);

/// What both ends of a connection set: limits of size and number, of waiting and of silence.
void limit(ZmqSocket& socket, const core::Liveness& liveness);

/// A connection that has not shaken hands for so long is given up, and so is one that answers no ping.
inline core::Time patience(const core::Liveness& liveness) {
  return liveness.rejoin_max();
}

Error no_curve();
/// `action` completes "cannot …".
Error too_many_files(const std::string& action);

/// For zmq_poll: not less than asked, so that nobody spins.
long whole_milliseconds(core::Time time);

}  // namespace fulmar::transport
