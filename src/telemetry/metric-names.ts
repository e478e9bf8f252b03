/** Every metric of the agent about itself, by the Prometheus rules: base units, `_total` on counters. */
export const METRICS = {
  pillion_source_seen_bytes_total:
    'Bytes found in the files, whatever becomes of them: read + skipped + gone + unread.',
  pillion_source_read_bytes_total: 'Bytes that became records, with their line ends.',
  pillion_source_records_total: 'Records framed out of what was read.',
  pillion_source_ungrouped_records_total: 'Lines outside of any group, each a record of its own.',
  pillion_source_failed_records_total: 'Records that are not as the format of their file asks; they go on, marked.',
  pillion_source_skipped_bytes_total: 'Bytes passed over on purpose, by reason.',
  pillion_source_gone_bytes_total: 'Bytes that were there and can no longer be read, by reason.',
  pillion_source_gone_unknown_total: 'Losses whose size nobody can know.',
  pillion_source_refused_files_total: 'Files that are not read, by reason.',
  pillion_source_files: 'Files followed now.',
  pillion_source_space_bytes: 'What the followed files take of the disk, deleted ones included.',
  pillion_source_space_free_bytes:
    'What is free on the file system of the files, of several the fullest; where `space.min_free` has it watched.',
  pillion_source_space_exceeded_total:
    'How often the files began to take more than `space` allows (`size`), or less than that was left free (`free`).',
  pillion_source_removed_files_total: 'Rotated files that the agent has removed, by the rule of the configuration.',
  pillion_source_freed_bytes_total: 'What these files took of the disk, by the rule.',
  pillion_source_deleted_files: 'Deleted files that are held open until they are delivered.',
  pillion_source_deleted_bytes: 'What these files keep on the disk.',
  pillion_source_deleted_oldest_seconds: 'How long the oldest of them has been deleted.',
  pillion_source_lag_seconds:
    'How long ago bytes were seen that are not read yet, in the file that is furthest behind; an unfinished line counts.',
  pillion_source_unread_bytes: 'Bytes in the followed files that are not read yet.',
  pillion_source_abandoned_records_total:
    'Records that were read, and that a sink had not taken when the agent stopped.',
  pillion_source_paused_seconds_total: 'How long a source has waited because a stage throttles it.',
  pillion_kubernetes_pods: 'Pods of the node that are known, where the kubelet or the API server is asked for them.',
  pillion_kubernetes_requests_total: 'Requests for pods, by what was asked for and what came of it.',
  pillion_kubernetes_unknown_pods_total:
    'Files that are read without labels and annotations, because their pod was not known in time.',
  pillion_readings_failed_total: 'Readings of a source of metrics that could not be taken.',
  pillion_scrapes_total:
    'Scrapes of a source that asks applications for their metrics, by result: `ok`, or why there was nothing.',
  pillion_scrape_dropped_samples_total:
    'Samples of scraped applications that cannot be shown as they are, by reason: repeats, parts of histograms and summaries without a count; of what is read by a mapping also what is missing or no number, and what was added up in the series `otel.metric.overflow`.',
  pillion_statsd_packets_total: 'Packets that a source `statsd` has received, by transport.',
  pillion_statsd_received_bytes_total: 'Bytes of these packets.',
  pillion_statsd_lines_total:
    'Lines of a source `statsd`, by result: `ok`, `event` (also a service check), or why they were not taken.',
  pillion_statsd_series: 'Series of the metrics that a source `statsd` has received.',
  pillion_statsd_overflow_lines_total:
    'Lines of a source `statsd` that were counted in a series `otel.metric.overflow`, because there were as many as there may be; they are among those with the result `ok`.',
  pillion_statsd_cut_tag_values_total: 'Values of tags that were cut because they were too long.',
  pillion_statsd_kernel_dropped_packets_total:
    'Packets that the kernel has thrown away before a source `statsd` could receive them, because they came too fast; on Linux.',
  pillion_statsd_broken_streams_total:
    'Connections to the socket of a source `statsd` that came to a bad end, by reason; the packet is lost that was on its way.',
  pillion_queue_bytes: 'Disk that the queue of a source takes.',
  pillion_queue_failures_total: 'Writes of the queue of a source that failed; they are tried again.',
  pillion_in_flight_records: 'Records read that have no outcome yet, by pipeline and sink.',
  pillion_ledger_unaccounted_bytes: 'Bytes that the ledger cannot explain: 0, or there is a bug.',
  pillion_ledger_unaccounted_records: 'Records that the ledger cannot explain: 0, or there is a bug.',
  pillion_dropped_records_total: 'Records removed on purpose, by reason.',
  pillion_own_stage_dropped_records_total:
    'Records that a stage of your own has dropped, by the cause that it names; they are among the dropped ones.',
  pillion_redacted_values_total: 'What the stage redact has hidden, by detector.',
  pillion_truncated_values_total: 'Values that the stage truncate has cut or left out, by part of the record.',
  pillion_stage_failed_records_total: 'Records that a stage could not read; they go on, marked.',
  pillion_unmatched_lines_total:
    'Lines that a stage could not read, of those that were looked at (20 a read), by kind: what the lines of a kind look like is in `GET /unmatched`; `other`: kinds beyond the first 20 of a stage.',
  pillion_sink_delivered_records_total: 'Records that the peer has accepted.',
  pillion_sink_rejected_records_total: 'Records that the peer has refused for good, by reason.',
  pillion_sink_abandoned_records_total:
    'Records that a sink had taken, and whose answer had not come when the agent stopped.',
  pillion_sink_resent_records_total: 'Records sent again while the first outcome was unknown.',
  pillion_sink_delivered_points_total: 'Points of metrics (a value of a series) that the peer has accepted.',
  pillion_sink_rejected_points_total: 'Points that the peer has refused for good, by reason.',
  pillion_sink_dropped_points_total: 'Points that were given up because too many waited for the peer, by reason.',
  pillion_sink_abandoned_points_total: 'Points whose answer had not come when the agent stopped.',
  pillion_sink_resent_points_total: 'Points sent again while the first outcome was unknown.',
  pillion_sink_queued_points: 'Points that wait for the peer.',
  pillion_sink_requests_total: 'Requests answered, by status.',
  pillion_sink_sent_bytes_total: 'Bytes of delivered request bodies, as they went over the wire.',
  pillion_sink_response_unreadable_total: 'Answers whose body could not be read.',
  pillion_sink_held: '1 while a destination lets nothing in, so that records wait; else 0.',
  pillion_exposition_scrapes_total: 'How often the metrics of a sink were asked for, by format.',
  pillion_exposition_left_out_series:
    'Series that the last answer of a sink left out, because their name or labels are those of others.',
  pillion_dead_letter_records_total: 'Records that were set aside in a dead-letter file, of a sink or of a pipeline.',
  pillion_dead_letter_lost_records_total: 'Records that could not be set aside, by reason.',
  pillion_metric_series: 'Series of the metrics that stages count in, by metric and the sinks that get it.',
  pillion_metric_overflow_records_total:
    'Records that were counted in the series `otel.metric.overflow`, because their metric had as many as it may.',
  pillion_metric_cut_label_values_total: 'Values of labels that were cut because they were too long.',
  pillion_memory_limit_bytes: 'Memory that the container may use; only where there is a limit.',
  pillion_memory_used_bytes:
    'Memory of the container that cannot be given back to the system, as it was last looked at.',
  pillion_memory_short: '1 while so much of the limit is used that sinks hold as little as they can; else 0.',
  pillion_memory_shortages_total: 'How often that began.',
  pillion_config_last_reload_successful:
    '1 if the configuration in the file is in force as far as it was read; 0 if the last reload failed.',
  pillion_config_last_reload_success_timestamp_seconds:
    'When the configuration was last read and found usable, in seconds since 1970.',
  pillion_config_reloads_total: 'Reloads of the configuration, by result.',
  pillion_build_info: 'Always 1; the labels say which version it is, and of Node.',
  pillion_start_time_seconds: 'When the agent was started, in seconds since 1970.',
  pillion_cpu_seconds_total: 'CPU time of the whole process, by mode.',
  pillion_memory_resident_bytes: 'Memory of the process that is in RAM, shared files included.',
  pillion_memory_heap_bytes: "What V8's heap has of the system.",
  pillion_memory_heap_used_bytes: 'How much of that holds objects, live or not collected yet.',
  pillion_memory_external_bytes: 'Memory outside of the heap that belongs to objects, such as batches and requests.',
  pillion_event_loop_delay_seconds: 'How late the event loop was since the start, by quantile.',
  pillion_gc_seconds_total: 'Time of garbage collections, by kind.',
  pillion_gc_collections_total: 'Garbage collections, by kind.',
  pillion_checkpoint_writes_total: 'Checkpoints written.',
  pillion_checkpoint_failures_total: 'Checkpoints that could not be written.',
  pillion_checkpoint_unusable_total: 'Checkpoints found at the start that could not be used, and were set aside.',
  pillion_checkpoint_age_seconds:
    'How long the oldest change has waited that the checkpoint does not hold; 0: it holds everything.',
} as const;

/** One of the names. They are stable. */
export type MetricName = keyof typeof METRICS;
