#include "monitoring/http_server.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cctype>
#include <chrono>
#include <civetweb.h>
#include <exception>
#include <future>
#include <string_view>
#include <utility>
#include <vector>

#include "monitoring/gzip.hpp"

namespace fulmar::monitoring {
namespace {

constexpr std::size_t kWorthPackingBytes = 1024;

// A connection has a thread for itself as long as it lasts, so none lasts long: a client that is silent or slow is
// given up after two seconds, one that might ask more after a third of one (a page and what it reads come together).
// Eight threads leave some for the others meanwhile.
constexpr std::array<std::pair<const char*, const char*>, 7> kServerOptions{{
    {"num_threads", "8"},
    {"request_timeout_ms", "2000"},
    {"enable_keep_alive", "yes"},
    {"keep_alive_timeout_ms", "300"},
    {"max_request_size", "8192"},
    {"tcp_nodelay", "1"},
    // Of the errors that civetweb itself tells.
    {"additional_header", "X-Content-Type-Options: nosniff\r\nContent-Security-Policy: default-src 'none'"},
}};

using Header = std::pair<const char*, std::string>;

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char letter) { return static_cast<char>(std::tolower(letter)); });
  return text;
}

std::string header(const mg_connection* connection, const char* name) {
  const char* value = mg_get_header(connection, name);
  return value == nullptr ? "" : value;
}

HttpAnswer refusal(int status, const std::string& sentence) {
  return {.status = status, .type = "text/plain; charset=utf-8", .body = sentence + "\n"};
}

std::vector<Header> headers_of(const HttpAnswer& answer) {
  return {{"Content-Type", answer.type},
          {"Content-Length", std::to_string(answer.body.size())},
          {"Content-Security-Policy", answer.policy},
          {"X-Content-Type-Options", "nosniff"},
          {"Referrer-Policy", "no-referrer"},
          {"Cross-Origin-Resource-Policy", "same-origin"},
          {"Cache-Control", "no-store"}};
}

void send(mg_connection* connection, const HttpAnswer& answer, const std::vector<Header>& more, bool with_body) {
  std::vector<Header> headers = headers_of(answer);
  headers.insert(headers.end(), more.begin(), more.end());
  mg_response_header_start(connection, answer.status);
  for (const auto& [name, value] : headers) mg_response_header_add(connection, name, value.c_str(), -1);
  mg_response_header_send(connection);
  if (with_body) mg_write(connection, answer.body.data(), answer.body.size());
}

/// To a client that asked for another protocol, which civetweb would answer without a header. Ends the connection: the
/// client may go on in that protocol.
void refuse_upgrade(mg_connection* connection, bool with_body) {
  const HttpAnswer answer = refusal(400, "This server speaks HTTP/1.1 and upgrades to nothing.");
  std::string text = "HTTP/1.1 400 Bad Request\r\nConnection: close\r\n";
  for (const auto& [name, value] : headers_of(answer)) text += name + (": " + value) + "\r\n";
  text += "\r\n";
  if (with_body) text += answer.body;
  mg_disable_connection_keep_alive(connection);
  mg_write(connection, text.data(), text.size());
}

}  // namespace

struct HttpServer::Running {
  Site site;
  ListeningAddress address;
  mg_context* server = nullptr;

  /// A page that fails must not end the run that it shows.
  std::optional<HttpAnswer> look_up(const char* path) const {
    if (path == nullptr) return std::nullopt;
    try {
      return site(path);
    } catch (const std::exception& failure) {
      return refusal(500, std::string("This could not be made (") + failure.what() + ").");
    }
  }

  void answer(mg_connection* connection, const mg_request_info& request) const {
    const std::string method = request.request_method;
    const bool is_head = method == "HEAD";
    if (mg_get_header(connection, "Upgrade") != nullptr) return refuse_upgrade(connection, !is_head);
    if (method != "GET" && !is_head) {
      mg_disable_connection_keep_alive(connection);  // its body is not read
      return send(connection, refusal(405, "Only GET and HEAD: this server shows, and changes nothing."),
                  {{"Allow", "GET, HEAD"}}, true);
    }
    if (const std::string host = header(connection, "Host");
        address.is_loopback && !means_this_machine(host, address.host)) {
      return send(connection,
                  refusal(403,
                          "This server is for this machine alone, and \"localhost\" or an IP address is how to ask "
                          "for it; a page of another site may have made this request."),
                  {}, !is_head);
    }
    std::optional<HttpAnswer> found = look_up(request.local_uri);
    if (!found) return send(connection, refusal(404, "There is nothing here; the status page is at /."), {}, !is_head);

    std::vector<Header> more{{"Vary", "Accept-Encoding"}};
    if (found->body.size() >= kWorthPackingBytes &&
        header(connection, "Accept-Encoding").find("gzip") != std::string::npos) {
      if (std::string packed = gzip(found->body); !packed.empty()) {
        found->body = std::move(packed);
        more.emplace_back("Content-Encoding", "gzip");
      }
    }
    send(connection, *found, more, !is_head);
  }
};

HttpServer::HttpServer(std::unique_ptr<Running> running) : running_(std::move(running)) {}

HttpServer::~HttpServer() {
  // civetweb looks every two seconds whether it is to stop, and when somebody connects.
  const std::uint16_t own_port = port();
  const std::future<void> stopped = std::async(std::launch::async, [this] { mg_stop(running_->server); });
  while (stopped.wait_for(std::chrono::milliseconds(5)) != std::future_status::ready) {
    std::array<char, 128> why_not{};
    mg_connection* knock = mg_connect_client(running_->address.ip.c_str(), own_port, 0, why_not.data(), why_not.size());
    if (knock != nullptr) mg_close_connection(knock);
  }
}

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ListeningAddress& address, Site site) {
  if (address.ip.find(':') != std::string::npos && mg_check_feature(MG_FEATURES_IPV6) == 0) {
    return cannot_listen(address, "this machine's civetweb was built without IPv6",
                         "choose an IPv4 address, for example 127.0.0.1:" + std::to_string(address.port));
  }
  auto running = std::make_unique<Running>();
  running->site = std::move(site);
  running->address = address;

  mg_callbacks callbacks{};
  callbacks.begin_request = [](mg_connection* connection) {
    const mg_request_info& request = *mg_get_request_info(connection);
    static_cast<const Running*>(request.user_data)->answer(connection, request);
    return 1;
  };
  callbacks.log_message = [](const mg_connection*, const char*) { return 1; };  // a stranger's garbage is no news

  const std::string listening = address.ip_and_port();
  std::vector<const char*> options{"listening_ports", listening.c_str()};
  for (const auto& [name, value] : kServerOptions) options.insert(options.end(), {name, value});
  options.push_back(nullptr);
  running->server = mg_start(&callbacks, running.get(), options.data());
  if (running->server == nullptr) {
    return cannot_listen(address, "the HTTP server did not start", "choose another address or port");
  }
  return std::unique_ptr<HttpServer>(new HttpServer(std::move(running)));
}

std::uint16_t HttpServer::port() const {
  mg_server_port listening{};
  const int ports = mg_get_server_ports(running_->server, 1, &listening);
  FULMAR_ASSERT(ports == 1, "a server listens on " + std::to_string(ports) + " ports");
  return static_cast<std::uint16_t>(listening.port);
}

bool means_this_machine(const std::string& host, const std::string& own_name) {
  if (host.empty()) return true;  // HTTP/1.0; every browser says it
  const bool is_bracketed = host.front() == '[';
  const std::size_t colon = host.find(':', is_bracketed ? host.find(']') : 0);
  std::string name = lower(host.substr(0, colon));
  if (is_bracketed && name.back() == ']') name = name.substr(1, name.size() - 2);
  in6_addr parsed{};
  return name == "localhost" || name == lower(own_name) || inet_pton(AF_INET, name.c_str(), &parsed) == 1 ||
         (is_bracketed && inet_pton(AF_INET6, name.c_str(), &parsed) == 1);
}

}  // namespace fulmar::monitoring
