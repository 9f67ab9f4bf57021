// A task turns files into samples a network can learn from, and a network's outputs into scores beside baselines.
//
// Thread rule: immutable after make_task(); load() may be called from any number of threads.
//
// DATA-1: what load() yields is a function of (files, spec, split, index) alone, the same bits on every machine.
// DATA-2: climatologies and normalisation are fitted on the training period only.
// DATA-3: a sample belongs to the split of its target time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "data/grid.hpp"
#include "data/polyline.hpp"
#include "data/sample_fields.hpp"
#include "runtime/vocabulary/result.hpp"

namespace fulmar::data {

enum class Split { train, validation, test };
const char* name(Split split);
/// Nothing where `text` is no name of a split.
std::optional<Split> parse_split(std::string_view text);

/// One [[data.static]] block.
struct StaticFieldSpec {
  std::string path;
  std::string variable;
  std::vector<std::string> derive;  // land | height; empty: the remapped field itself
};

/// [data] of a run's config, as the user wrote it. Months are "YYYY-MM", both ends included.
struct DataSpec {
  std::string kind = "netcdf";
  std::vector<std::string> paths;
  std::vector<std::string> targets;
  std::vector<std::string> inputs;                              // empty: the targets
  std::optional<std::pair<double, double>> latitude;            // degrees north, either order
  std::optional<std::pair<double, double>> longitude;           // degrees east
  std::pair<std::string, std::string> train, validation, test;  // two empty strings: none (not train)
  std::size_t cache_bytes = 512u << 20;                         // decoded fields kept in memory
  std::vector<StaticFieldSpec> statics;
};

/// [task] of a run's config.
struct TaskSpec {
  std::string kind = "downscale";
  std::size_t factor = 4;
  std::string anomalies = "month";                // none | month
  std::string residual = "climatology+bilinear";  // climatology+bilinear | none
};

/// What the network sees of a sample: channels on the fine grid (convolutions), or the coarse fields as a plain vector.
enum class InputLayout { grid, vector };

struct FieldExtent {
  std::size_t channels = 0, latitudes = 1, longitudes = 1;
  std::size_t size() const { return channels * latitudes * longitudes; }
};

struct Score {
  double rmse = 0;            ///< in the variable's units
  std::optional<double> acc;  ///< anomaly correlation, pooled, uncentred, area weighted; none without climatology
};
struct VariableScore {
  std::string variable;
  int lead = 0;  ///< time steps ahead; 0 for downscaling
  Score score;
};
struct Scores {
  Score overall;
  std::vector<VariableScore> by_variable;
};

class Task {
 public:
  virtual ~Task() = default;

  virtual std::size_t sample_count(Split split) const = 0;
  virtual FieldExtent input_extent() const = 0;
  virtual FieldExtent output_extent() const = 0;
  /// [output latitudes]: the weight of one point of that row; Σ over rows and longitudes = 1.
  virtual std::span<const float> area_weight() const = 0;
  virtual std::string unit() const = 0;  ///< of the scores, e.g. "m/s"

  /// Writes one sample, normalised: input_extent().size() and output_extent().size() floats. `mask` is like `target`
  /// (1 = counts); where it is 0, target is 0. Errors name the file, the variable and the time.
  virtual Result<void> load(Split split, std::size_t index, std::span<float> input, std::span<float> target,
                            std::span<std::uint8_t> mask) const = 0;

  /// Scores of network outputs: `outputs` is [sample_count(split)][output extent], as the network gives them.
  virtual Result<Scores> score(Split split, std::span<const float> outputs) const = 0;
  /// Baselines by name, simplest first.
  virtual Result<std::vector<std::pair<std::string, Scores>>> baselines(Split split) const = 0;

  /// The grid of the outputs.
  virtual const Grid& grid() const = 0;
  /// One sample and what the network's `output` for it (the output extent's size) means. Errors as of load().
  virtual Result<SampleFields> fields(Split split, std::size_t index, std::span<const float> output) const = 0;
  /// What a network stands for whose outputs are all 0, as the baselines are named: "climatology+bilinear".
  virtual std::string base() const = 0;
  /// The coasts of the [[data.static]] block that derives "land", for maps; none where there is no such block.
  virtual Result<std::vector<Polyline>> land_outline() const = 0;

  /// What a joiner must agree with, for the manifest: fitted constants and sizes by name, sorted.
  virtual std::map<std::string, double> statistics() const = 0;
  /// SHA-like digest (hex) over headers, coordinates, sizes and fitted constants: two nodes with equal fingerprints
  /// load the same samples.
  virtual std::string fingerprint() const = 0;
};

/// Opens the files, checks them, fits the climatology. Errors name the file, key, value and remedy.
Result<std::shared_ptr<const Task>> make_task(const DataSpec& data, const TaskSpec& task, InputLayout layout);

}  // namespace fulmar::data
