#include "actors/commands/listening.hpp"

#include <array>
#include <filesystem>
#include <optional>
#include <utility>

#include "actors/commands/node_options.hpp"
#include "runtime/storage/manifest_file.hpp"

namespace fulmar::commands {
namespace {

using transport::Endpoint;

Error refused(const Listening& wanted, const std::string& reason) {
  return Error{"--listen " + wanted.endpoint + ": " + reason};
}

Result<void> read_keys(const Listening& wanted) {
  if (wanted.keys.empty()) return {};
  if (const Result<transport::KeyPair> own = transport::read_head_keys(wanted.keys); !own) return own.error();
  const Result<transport::AllowList> allowed = transport::AllowList::read(wanted.keys);
  return allowed ? Result<void>{} : allowed.error();
}

/// The endpoint as a node of another machine, or of this one, has to write it.
Endpoint as_dialed(Endpoint endpoint) {
  static constexpr std::array<const char*, 3> kEverywhere{"*", "0.0.0.0", "::"};
  for (const char* everywhere : kEverywhere) {
    if (endpoint.kind == Endpoint::Kind::tcp && endpoint.host == everywhere) endpoint.host = host_name("HOST");
  }
  return endpoint;
}

/// Beside the head's, where `fulmar keygen` puts it.
std::string worker_keys(const std::string& head_keys) {
  const std::filesystem::path head = std::filesystem::path(head_keys) / "";  // "keys/head" and "keys/head/" alike
  return (head.parent_path().parent_path() / "worker").string();
}

}  // namespace

Result<void> check(const Listening& wanted) {
  if (!wanted.is_wanted()) {
    if (wanted.keys.empty() && !wanted.insecure) return {};
    return Error{std::string(wanted.insecure ? "--insecure" : "--keys") +
                 " is about who may join, and nobody can: add --listen ENDPOINT (such as tcp://127.0.0.1:7400)"};
  }
  const Result<Endpoint> endpoint = transport::parse_endpoint(wanted.endpoint);
  if (!endpoint) return refused(wanted, endpoint.error().message);
  if (!wanted.keys.empty() && wanted.insecure)
    return Error{"--keys and --insecure contradict each other: leave one out"};
  if (transport::is_local(*endpoint) || !wanted.keys.empty() || wanted.insecure) return {};
  return refused(
      wanted,
      "without keys, everybody who reaches this address could take part in the run and read it; make keys "
      "with `fulmar keygen DIR` and add --keys DIR/head, or add --insecure where the network can be trusted");
}

Result<void> rehearse(const Listening& wanted) {
  if (!wanted.is_wanted()) return {};
  if (const Result<void> keys = read_keys(wanted); !keys) return keys;
  const Result<Endpoint> control = transport::parse_endpoint(wanted.endpoint);
  if (!control) return control.error();
  std::vector<std::unique_ptr<transport::ZmqListener>> listeners;
  for (const Endpoint& endpoint : {*control, transport::tensors_of(*control)}) {
    Result<std::unique_ptr<transport::ZmqListener>> listener = transport::ZmqListener::listen({endpoint, {}, {}});
    if (!listener) return refused(wanted, listener.error().message);
    listeners.push_back(std::move(*listener));
  }
  return {};
}

Result<std::shared_ptr<transport::HeadTransport>> listen(const Listening& wanted, const actors::RunContext& context) {
  const core::Manifest& manifest = context.manifest;
  const Result<Endpoint> endpoint = transport::parse_endpoint(wanted.endpoint);
  if (!endpoint) return endpoint.error();
  const std::optional<transport::RunId> run = transport::parse_run_id(manifest.run_id);
  if (!run) return Error{"the manifest's run_id \"" + manifest.run_id + "\" is not 32 hex digits; nobody could join"};

  transport::HeadSettings settings;
  settings.endpoint = *endpoint;
  if (!wanted.keys.empty()) settings.keys = wanted.keys;
  settings.run = *run;
  settings.term = context.term;
  settings.offer = {storage::manifest_text(manifest), context.supervision.liveness.value};
  settings.credentials = {manifest.data_fingerprint, manifest.determinism_class};
  settings.shard_floats = actors::shard_floats(context.shards);
  Result<std::unique_ptr<transport::HeadTransport>> transport =
      transport::HeadTransport::listen(std::move(settings), context.pool);
  if (!transport) return refused(wanted, transport.error().message);
  return std::shared_ptr<transport::HeadTransport>(std::move(*transport));
}

std::string invitation(const Listening& wanted, const transport::HeadTransport& transport) {
  const Endpoint endpoint = transport.endpoint();
  const std::string whom = transport::is_local(endpoint) ? "this machine only" : "all who can reach it";
  const std::string how = transport.is_encrypted() ? "encrypted, for keys that are allowed" : "not encrypted";
  std::string command = "fulmar join " + transport::to_string(as_dialed(endpoint));
  if (transport.is_encrypted()) command += " --keys " + worker_keys(wanted.keys);
  return "listening on " + transport::to_string(endpoint) + " (" + whom + ", " + how + "); join with: " + command;
}

std::vector<std::string> words_of(const Listening& wanted) {
  std::vector<std::string> words;
  if (wanted.is_wanted()) words = {"--listen", wanted.endpoint};
  if (!wanted.keys.empty()) words.insert(words.end(), {"--keys", wanted.keys});
  if (wanted.insecure) words.emplace_back("--insecure");
  return words;
}

}  // namespace fulmar::commands
