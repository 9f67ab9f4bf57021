#include <algorithm>
#include <cmath>
#include <thread>

#include <boost/test/unit_test.hpp>

#include "data/regrid.hpp"
#include "data/task.hpp"
#include "tests/data/small_world.hpp"

using namespace fulmar;
using namespace fulmar::data;
using namespace fulmar::data::test;

namespace {

constexpr const char* kWinds = "/usr/share/ferret-vis/data/monthly_navy_winds.cdf";
constexpr const char* kRelief = "/usr/share/ferret-vis/data/etopo60.cdf";

DataSpec winds_data() {
  DataSpec data;
  data.paths = {kWinds};
  data.targets = {"UWND", "VWND"};
  data.latitude = {-90, 87.5};
  data.train = {"1982-01", "1988-12"};
  data.validation = {"1989-01", "1990-12"};
  data.test = {"1991-01", "1992-12"};
  data.statics = {{kRelief, "ROSE", {"land", "height"}}};
  return data;
}

std::shared_ptr<const Task> made(const DataSpec& data, const TaskSpec& task, InputLayout layout = InputLayout::grid) {
  auto result = make_task(data, task, layout);
  BOOST_REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().message));
  return *result;
}

const Task& winds() {
  static const std::shared_ptr<const Task> task = made(winds_data(), TaskSpec{});
  return *task;
}

struct Sample {
  std::vector<float> input, target;
  std::vector<std::uint8_t> mask;
  bool operator==(const Sample&) const = default;
};

Sample loaded(const Task& task, Split split, std::size_t index) {
  Sample sample;
  sample.input.resize(task.input_extent().size());
  sample.target.resize(task.output_extent().size());
  sample.mask.resize(task.output_extent().size());
  const auto result = task.load(split, index, sample.input, sample.target, sample.mask);
  BOOST_REQUIRE_MESSAGE(result.ok(), (result.ok() ? "" : result.error().message));
  return sample;
}

/// Every sample of every split.
std::vector<Sample> all_samples(const Task& task) {
  std::vector<Sample> samples;
  for (const Split split : {Split::train, Split::validation, Split::test})
    for (std::size_t i = 0; i < task.sample_count(split); ++i) samples.push_back(loaded(task, split, i));
  return samples;
}

std::span<const float> channel(const Sample& sample, std::size_t index, std::size_t points) {
  return std::span(sample.input).subspan(index * points, points);
}

double rms(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return std::sqrt(sum / static_cast<double>(values.size()));
}

}  // namespace

BOOST_AUTO_TEST_SUITE(downscale_task)

BOOST_AUTO_TEST_CASE(the_winds_have_the_shape_of_task_a2) {
  BOOST_TEST(winds().sample_count(Split::train) == 84u);
  BOOST_TEST(winds().sample_count(Split::validation) == 24u);
  BOOST_TEST(winds().sample_count(Split::test) == 24u);
  BOOST_TEST(winds().input_extent().channels == 14u);
  BOOST_TEST(winds().output_extent().channels == 2u);
  BOOST_TEST(winds().output_extent().latitudes == 72u);
  BOOST_TEST(winds().output_extent().longitudes == 144u);
  BOOST_TEST(winds().area_weight().size() == 72u);
  BOOST_TEST(winds().unit() == "m/s");
}

// Published in CLIMATE.md with six decimals.
BOOST_AUTO_TEST_CASE(the_training_anomalies_have_their_known_size) {
  for (const char* name : {"UWND.anomaly_rms", "VWND.anomaly_rms"})
    BOOST_TEST(std::abs(winds().statistics().at(name) - 1.593482) < 1e-6);
}

// The whole table of CLIMATE.md, to the digits it gives; ACC from independent numpy code on the same files.
BOOST_AUTO_TEST_CASE(the_baselines_reproduce_the_published_table) {
  struct Row {
    const char* name;
    double validation, test, test_acc;
  };
  const std::vector<Row> table{{"nearest", 1.4946, 1.4285, 0.74056},
                               {"bilinear", 1.2366, 1.1785, 0.80189},
                               {"climatology+bilinear", 1.0467, 1.0380, 0.86566},
                               {"climatology+ridge", 0.9533, 0.9677, 0.87015}};
  const auto validation = winds().baselines(Split::validation), test = winds().baselines(Split::test);
  BOOST_REQUIRE(validation.ok() && test.ok());
  BOOST_REQUIRE(validation->size() == table.size() && test->size() == table.size());
  for (std::size_t i = 0; i < table.size(); ++i) {
    BOOST_TEST_CONTEXT(table[i].name) {
      BOOST_TEST((*test)[i].first == table[i].name);
      BOOST_TEST(std::abs((*validation)[i].second.overall.rmse - table[i].validation) < 1e-3);
      BOOST_TEST(std::abs((*test)[i].second.overall.rmse - table[i].test) < 1e-3);
      BOOST_TEST(std::abs(*(*test)[i].second.overall.acc - table[i].test_acc) < 1e-4);
    }
  }
}

// A network that outputs 0 is the base, one that outputs the target is perfect (to float rounding of fields near 10
// m/s).
BOOST_AUTO_TEST_CASE(scores_start_at_the_base_and_end_at_zero) {
  std::vector<float> zeros(24 * winds().output_extent().size()), perfect;
  for (std::size_t i = 0; i < 24; ++i) {
    const Sample sample = loaded(winds(), Split::test, i);
    perfect.insert(perfect.end(), sample.target.begin(), sample.target.end());
  }
  const auto base = winds().score(Split::test, zeros), best = winds().score(Split::test, perfect);
  BOOST_REQUIRE(base.ok() && best.ok());
  BOOST_TEST(std::abs(base->overall.rmse - 1.0380) < 1e-3);
  BOOST_TEST(base->by_variable.at(1).variable == "VWND");
  BOOST_TEST(std::abs(base->by_variable.at(0).score.rmse - 1.09656) < 1e-4);
  BOOST_TEST(std::abs(base->by_variable.at(1).score.rmse - 0.97594) < 1e-4);
  BOOST_TEST(best->overall.rmse < 1e-5);
  BOOST_TEST(*best->overall.acc > 0.999999);
}

// DOWNSCALE-1, channel by channel, for 1992-07, which lies 180° round the circle of the year.
BOOST_AUTO_TEST_CASE(the_channels_come_in_their_order) {
  const Sample sample = loaded(winds(), Split::test, 18);
  constexpr std::size_t kPoints = 72 * 144;
  const Regridding regridding(72, 144, 4, true);
  for (const std::size_t variable : {0u, 1u}) {
    const auto bilinear = channel(sample, variable, kPoints), nearest = channel(sample, 2 + variable, kPoints);
    std::vector<float> coarse(18 * 36), again(kPoints);
    regridding.block_means(nearest, coarse);
    regridding.bilinear(coarse, again);
    BOOST_TEST(std::ranges::equal(again, bilinear));
    BOOST_TEST(rms(bilinear) > 0.3);
    // Full fields and climatology are standardised over the training period: of order one, and not anomalies.
    BOOST_TEST(rms(channel(sample, 4 + variable, kPoints)) > 0.4);
    BOOST_TEST(rms(channel(sample, 6 + variable, kPoints)) > 0.4);
    BOOST_TEST(rms(channel(sample, 6 + variable, kPoints)) < 1.6);
  }
  const auto land = channel(sample, 8, kPoints), height = channel(sample, 9, kPoints);
  BOOST_TEST(std::ranges::count(land, 1.0f) == 3584);
  BOOST_TEST(std::ranges::max(height) == 5.44048f, boost::test_tools::tolerance(1e-5f));
  BOOST_TEST(channel(sample, 10, kPoints)[60 * 144] == std::sqrt(0.75f), boost::test_tools::tolerance(1e-6f));
  BOOST_TEST(channel(sample, 11, kPoints)[60 * 144] == 0.5f, boost::test_tools::tolerance(1e-6f));
  for (const std::size_t i : {0u, 9999u}) {
    BOOST_TEST(std::abs(channel(sample, 12, kPoints)[i]) < 1e-6f);
    BOOST_TEST(std::abs(channel(sample, 13, kPoints)[i] + 1.0f) < 1e-6f);
  }
}

// DATA-2: anomalies of the training period alone average to nothing in each month. Coarse anomalies are of order 1, and
// seven float values are averaged: 1e-6.
BOOST_AUTO_TEST_CASE(training_anomalies_vanish_in_the_mean_of_a_month) {
  const auto task = made(winds_data(), TaskSpec{}, InputLayout::vector);
  BOOST_TEST(task->input_extent().size() == 2u * 18 * 36);
  std::vector<double> sum(task->input_extent().size());
  for (std::size_t year = 0; year < 7; ++year) {
    const Sample sample = loaded(*task, Split::train, 12 * year + 4);
    for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += static_cast<double>(sample.input[i]);
  }
  for (const double total : sum) BOOST_REQUIRE(std::abs(total / 7) < 1e-6);
}

BOOST_AUTO_TEST_CASE(the_vector_holds_the_values_that_the_grid_repeats) {
  const auto task = made(winds_data(), TaskSpec{}, InputLayout::vector);
  const Sample vector = loaded(*task, Split::test, 5), grid = loaded(winds(), Split::test, 5);
  for (const std::size_t cell : {0u, 17u, 36u, 647u, 648u, 1295u}) {
    const std::size_t variable = cell / 648, row = cell % 648 / 36 * 4, column = cell % 36 * 4;
    BOOST_TEST(vector.input[cell] == channel(grid, 2 + variable, 72 * 144)[row * 144 + column]);
  }
  BOOST_TEST((vector.target == grid.target));
}

// DATA-1 and CACHE-1.
BOOST_AUTO_TEST_CASE(the_size_of_the_cache_changes_no_bit) {
  DataSpec small = winds_data();
  small.cache_bytes = 100'000;  // two fields of 41 kB
  const auto task = made(small, TaskSpec{});
  BOOST_TEST(task->fingerprint() == winds().fingerprint());
  BOOST_TEST((task->statistics() == winds().statistics()));
  for (const std::size_t index : {0u, 40u, 83u})
    BOOST_TEST((loaded(*task, Split::train, index) == loaded(winds(), Split::train, index)));
}

BOOST_AUTO_TEST_CASE(many_threads_load_the_same_bits) {
  DataSpec data = world_data(write_world("threads.nc", {12}));
  data.cache_bytes = 5 * kWorldPoints * sizeof(float);  // threads displace each other's fields
  const auto task = made(data, world_task());
  const std::vector<Sample> expected = all_samples(*task);
  std::vector<std::vector<Sample>> seen(4);
  std::vector<std::thread> threads;
  for (std::vector<Sample>& samples : seen)
    threads.emplace_back([&] {
      for (const Split split : {Split::train, Split::validation, Split::test})
        for (std::size_t i = 0; i < task->sample_count(split); ++i) {
          Sample sample{std::vector<float>(task->input_extent().size()),
                        std::vector<float>(task->output_extent().size()),
                        std::vector<std::uint8_t>(task->output_extent().size())};
          if (task->load(split, i, sample.input, sample.target, sample.mask)) samples.push_back(std::move(sample));
        }
    });
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<Sample>& samples : seen) BOOST_TEST((samples == expected));
}

// DOWNSCALE-4. Points 20 and 21, 28 and 29 are one block that is never there; point 5 misses one training month only.
BOOST_AUTO_TEST_CASE(missing_points_are_masked_and_assumed_usual) {
  const auto task = made(world_data(write_world("missing.nc", {20, 21, 28, 29})), world_task());
  for (const Sample& sample : all_samples(*task)) {
    for (const float value : sample.input) BOOST_REQUIRE(std::isfinite(value));
    for (std::size_t i = 0; i < sample.mask.size(); ++i) {
      const bool never_there = i == 20 || i == 21 || i == 28 || i == 29;
      BOOST_REQUIRE(std::isfinite(sample.target[i]));
      if (never_there || sample.mask[i] == 0) BOOST_REQUIRE((sample.mask[i] == 0 && sample.target[i] == 0.0f));
      if (!never_there && i != 5) BOOST_REQUIRE(sample.mask[i] == 1);
    }
    BOOST_REQUIRE(channel(sample, 2, kWorldPoints)[20] == 0.0f);
  }
  BOOST_TEST(loaded(*task, Split::train, 0).mask[5] == 0);
  BOOST_TEST(loaded(*task, Split::train, 12).mask[5] == 1);
  const auto baselines = task->baselines(Split::test);
  BOOST_REQUIRE(baselines.ok());
  for (const auto& [name, scores] : *baselines) BOOST_TEST(std::isfinite(scores.overall.rmse), name);
}

BOOST_AUTO_TEST_CASE(without_a_residual_the_target_is_the_anomaly) {
  TaskSpec task = world_task();
  task.residual = "none";
  const auto made_task = made(world_data(write_world("residual.nc")), task);
  const double scale = made_task->statistics().at("T.anomaly_rms");
  const Sample sample = loaded(*made_task, Split::test, 0);  // January 2004; the climatology has those of 2001 and 2002
  for (const std::size_t point : {0u, 30u, 63u}) {
    const double climatology = (world_value(0, 0, point) + world_value(0, 12, point)) / 2;
    // 1e-4: the field is stored as float near 290, in steps of 3e-5.
    BOOST_TEST(std::abs(sample.target[point] - (world_value(0, 36, point) - climatology) / scale) < 1e-4);
  }
}

BOOST_AUTO_TEST_CASE(without_anomalies_the_field_is_standardised_and_there_is_no_acc) {
  TaskSpec task = world_task();
  task.anomalies = "none";
  task.residual = "none";
  const auto made_task = made(world_data(write_world("plain.nc")), task);
  BOOST_TEST(made_task->input_extent().channels == 2u * 2 + 2 + 2);
  const auto statistics = made_task->statistics();
  const Sample sample = loaded(*made_task, Split::test, 3);
  const double expected = (world_value(0, 39, 9) - statistics.at("T.mean")) / statistics.at("T.anomaly_rms");
  BOOST_TEST(std::abs(sample.target[9] - expected) < 1e-4);
  const auto baselines = made_task->baselines(Split::test);
  BOOST_REQUIRE(baselines.ok());
  BOOST_REQUIRE(baselines->size() == 2u);
  BOOST_TEST(!(*baselines)[1].second.overall.acc.has_value());
}

BOOST_AUTO_TEST_CASE(other_inputs_than_targets_bring_their_own_channels) {
  DataSpec data = world_data(write_world("inputs.nc"));
  data.targets = {"T"};
  data.inputs = {"S", "T"};
  const auto task = made(data, world_task());
  BOOST_TEST(task->output_extent().channels == 1u);
  BOOST_TEST(task->input_extent().channels == 2u + 2 + 2 + 1 + 2 + 2);
}

BOOST_AUTO_TEST_CASE(the_fingerprint_sees_what_changes_a_sample_and_not_where_the_file_lies) {
  const DataSpec data = world_data(write_world("one_place.nc"));
  const std::string fingerprint = made(data, world_task())->fingerprint();
  BOOST_TEST(made(world_data(write_world("another_place.nc")), world_task())->fingerprint() == fingerprint);
  BOOST_TEST(made(world_data(write_world("one_point.nc", {63})), world_task())->fingerprint() != fingerprint);
  DataSpec shorter = data;
  shorter.test.second = "2004-11";
  BOOST_TEST(made(shorter, world_task())->fingerprint() != fingerprint);
  TaskSpec plain = world_task();
  plain.residual = "none";
  BOOST_TEST(made(data, plain)->fingerprint() != fingerprint);
}

// A network that outputs 0 stands for the base; its maps give the scores that it has.
BOOST_AUTO_TEST_CASE(the_fields_of_samples_add_up_to_their_scores) {
  const std::vector<float> zeros(winds().output_extent().size());
  const std::size_t points = winds().grid().size();
  BOOST_TEST(winds().base() == "climatology+bilinear");
  std::vector<double> squares(2);
  for (std::size_t index = 0; index < 24; ++index) {
    const auto sample = winds().fields(Split::test, index, zeros);
    BOOST_REQUIRE_MESSAGE(sample.ok(), (sample.ok() ? "" : sample.error().message));
    BOOST_REQUIRE(sample->fields.size() == 2u);
    if (index == 7) {
      BOOST_TEST(sample->label == "1991-08");
      BOOST_TEST(sample->fields[1].variable == "VWND");
      BOOST_TEST(sample->fields[1].unit == "m/s");
      BOOST_TEST(rms(sample->fields[0].truth) > 2.0);
    }
    for (std::size_t v = 0; v < 2; ++v)
      for (std::size_t i = 0; i < points; ++i) {
        const double error =
            static_cast<double>(sample->fields[v].prediction[i]) - static_cast<double>(sample->fields[v].truth[i]);
        squares[v] += static_cast<double>(winds().area_weight()[i / 144]) * error * error;
      }
  }
  BOOST_TEST(std::abs(std::sqrt(squares[0] / 24) - 1.09656) < 1e-4);
  BOOST_TEST(std::abs(std::sqrt(squares[1] / 24) - 0.97594) < 1e-4);
}

BOOST_AUTO_TEST_CASE(fields_show_what_is_missing_and_are_named_by_their_month) {
  const auto task = made(world_data(write_world("fields.nc", {20, 21, 28, 29})), world_task());
  const std::vector<float> zeros(task->output_extent().size());
  const auto sample = task->fields(Split::train, 0, zeros);
  BOOST_REQUIRE(sample.ok());
  BOOST_TEST(sample->label == "2001-01");
  for (std::size_t i = 0; i < kWorldPoints; ++i) {
    const bool never = i == 20 || i == 21 || i == 28 || i == 29;
    BOOST_TEST(std::isnan(sample->fields[0].truth[i]) == (never || i == 5));
    BOOST_TEST(std::isnan(sample->fields[0].prediction[i]) == never);
    BOOST_TEST(!std::isnan(sample->fields[1].truth[i]));
  }
}

BOOST_AUTO_TEST_CASE(the_base_is_named_after_what_the_outputs_are_added_to) {
  const std::string path = write_world("bases.nc");
  const auto base = [&](const char* anomalies, const char* residual) {
    TaskSpec spec = world_task();
    spec.anomalies = anomalies;
    spec.residual = residual;
    return made(world_data(path), spec)->base();
  };
  BOOST_TEST(base("month", "climatology+bilinear") == "climatology+bilinear");
  BOOST_TEST(base("month", "none") == "climatology");
  BOOST_TEST(base("none", "climatology+bilinear") == "bilinear");
  BOOST_TEST(base("none", "none") == "mean");
}

BOOST_AUTO_TEST_CASE(coasts_come_from_the_block_that_derives_land) {
  const auto coasts = winds().land_outline();
  BOOST_REQUIRE_MESSAGE(coasts.ok(), (coasts.ok() ? "" : coasts.error().message));
  std::size_t points = 0;
  for (const Polyline& line : *coasts)
    for (const MapPoint& point : line) {
      ++points;
      BOOST_REQUIRE((point.longitude >= 18.75 && point.longitude <= 378.75));
      BOOST_REQUIRE((point.latitude >= -90 && point.latitude <= 88.75));
    }
  BOOST_TEST(points > 3000u);
  BOOST_TEST(points <= 10'000u);

  DataSpec height_alone = winds_data();
  height_alone.statics = {{kRelief, "ROSE", {"height"}}};
  const auto none = made(height_alone, TaskSpec{})->land_outline();
  BOOST_REQUIRE(none.ok());
  BOOST_TEST(none->empty());
}

BOOST_AUTO_TEST_SUITE_END()
