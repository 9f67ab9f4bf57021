// A small HTTP server for a handful of clients that only look: GET and HEAD of a few paths, answered whole.
// civetweb does the sockets and the protocol; this says what is answered, and to whom.
//
// Thread rule: answers on threads of its own; made and destroyed by one thread.
//
// HTTP-1: nothing but GET and HEAD is done, no body of a request is read, and no other protocol is gone over to.
// HTTP-2: a request that is too large, too slow or not HTTP is ended, and holds up no other client until then.
// HTTP-3: where only this machine is meant, a page of another site that its browser shows cannot read anything: neither
// as that other site, nor under a name of its own that it lets point here (DNS rebinding).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "monitoring/listening_address.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::monitoring {

struct HttpAnswer {
  int status = 200;
  std::string type;  ///< Content-Type
  std::string body;
  /// Content-Security-Policy: what a browser may do with it.
  std::string policy = "default-src 'none'; frame-ancestors 'none'";
};

class HttpServer {
 public:
  /// What is at a path; nothing where there is nothing. Called by several threads at once.
  using Site = std::function<std::optional<HttpAnswer>(const std::string& path)>;

  static Result<std::unique_ptr<HttpServer>> listen(const ListeningAddress& address, Site site);
  ~HttpServer();
  HttpServer(const HttpServer&) = delete;
  HttpServer& operator=(const HttpServer&) = delete;

  /// That it listens on: the one asked for, or what port 0 became.
  std::uint16_t port() const;

 private:
  struct Running;
  explicit HttpServer(std::unique_ptr<Running> running);
  std::unique_ptr<Running> running_;
};

/// Whether a browser that asks a server at loopback for `host`, a Host header, means this machine: an IP address,
/// "localhost", or `own_name`, by which the server was told to listen. A port may follow.
bool means_this_machine(const std::string& host, const std::string& own_name);

}  // namespace fulmar::monitoring
