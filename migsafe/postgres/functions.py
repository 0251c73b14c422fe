"""Volatility of PostgreSQL's built-in functions.

The names are those of ``pg_proc`` on PostgreSQL 10 to 18 that an expression can call (no aggregates, nor operators' or
support functions); of overloads, the most volatile counts. ``timezone`` is stable although its rarely used ``timetz``
overload was volatile before 15: ``now() AT TIME ZONE 'utc'`` is a common default. Real servers are asked in
``tests/postgres/test_functions.py``.
"""

from typing import Literal

from migsafe.actions import Name

Volatility = Literal["volatile", "stable", "immutable"]

_VOLATILE = """
amvalidate array_sample array_shuffle clock_timestamp current_query currtid currtid2 currval cursor_to_xml
cursor_to_xmlschema gen_random_uuid lastval loread lowrite nextval pg_advisory_unlock pg_advisory_unlock_shared
pg_backup_start pg_backup_stop pg_blocking_pids pg_cancel_backend pg_collation_actual_version
pg_copy_logical_replication_slot pg_copy_physical_replication_slot pg_create_logical_replication_slot
pg_create_physical_replication_slot pg_create_restore_point pg_current_logfile pg_current_wal_flush_lsn
pg_current_wal_insert_lsn pg_current_wal_lsn pg_database_collation_actual_version pg_database_size pg_export_snapshot
pg_get_sequence_data pg_get_wal_replay_pause_state pg_get_wal_summarizer_state pg_import_system_collations
pg_indexes_size pg_is_in_backup pg_is_in_recovery pg_is_wal_replay_paused pg_isolation_test_session_is_blocked
pg_jit_available pg_last_committed_xact pg_last_wal_receive_lsn pg_last_wal_replay_lsn pg_last_xact_replay_timestamp
pg_nextoid pg_notification_queue_usage pg_promote pg_read_binary_file pg_read_file pg_read_file_old pg_relation_size
pg_reload_conf pg_replication_origin_create pg_replication_origin_progress pg_replication_origin_session_is_setup
pg_replication_origin_session_progress pg_replication_slot_advance pg_restore_attribute_stats pg_restore_relation_stats
pg_rotate_logfile pg_rotate_logfile_old pg_safe_snapshot_blocking_pids pg_sequence_last_value pg_start_backup
pg_stop_backup pg_switch_wal pg_table_size pg_tablespace_size pg_terminate_backend pg_total_relation_size
pg_try_advisory_lock pg_try_advisory_lock_shared pg_try_advisory_xact_lock pg_try_advisory_xact_lock_shared
pg_xact_commit_timestamp pg_xact_status plpgsql_call_handler query_to_xml query_to_xml_and_xmlschema query_to_xmlschema
random random_normal set_config setval timeofday ts_rewrite txid_status uuidv4 uuidv7
"""

_STABLE = """
abstime age anyarray_send anycompatiblearray_send array_send array_to_json array_to_string bpcharsend col_description
concat concat_ws convert convert_from convert_to current_database current_schema current_schemas current_setting
current_user database_to_xml database_to_xml_and_xmlschema database_to_xmlschema date date_add date_cmp_timestamptz
date_part date_subtract date_trunc enum_first enum_last enum_range enum_send extract format format_type
get_current_ts_config getdatabaseencoding getpgusername in_range inet_client_addr inet_client_port inet_server_addr
inet_server_port json_build_array json_build_object json_populate_record json_to_record json_to_tsvector
jsonb_build_array jsonb_build_object jsonb_path_exists_tz jsonb_path_match_tz jsonb_path_query_array_tz
jsonb_path_query_first_tz jsonb_populate_record jsonb_populate_record_valid jsonb_to_record jsonb_to_tsvector length
make_timestamptz money multirange_send mxid_age namesend now numeric obj_description oidvectortypes overlaps
pg_backend_pid pg_backup_start_time pg_basetype pg_char_to_encoding pg_client_encoding pg_collation_for
pg_collation_is_visible pg_column_compression pg_column_is_updatable pg_column_size pg_column_toast_chunk_id
pg_conf_load_time pg_conversion_is_visible pg_current_snapshot pg_current_xact_id pg_current_xact_id_if_assigned
pg_dependencies_send pg_describe_object pg_encoding_to_char pg_event_trigger_table_rewrite_oid
pg_event_trigger_table_rewrite_reason pg_filenode_relation pg_function_is_visible pg_get_acl pg_get_constraintdef
pg_get_expr pg_get_function_arg_default pg_get_function_arguments pg_get_function_identity_arguments
pg_get_function_result pg_get_function_sqlbody pg_get_functiondef pg_get_indexdef pg_get_object_address
pg_get_partition_constraintdef pg_get_partkeydef pg_get_replica_identity_index pg_get_ruledef pg_get_serial_sequence
pg_get_statisticsobjdef pg_get_statisticsobjdef_columns pg_get_statisticsobjdef_expressions pg_get_triggerdef
pg_get_userbyid pg_get_viewdef pg_has_role pg_identify_object pg_identify_object_as_address
pg_index_column_has_property pg_index_has_property pg_indexam_has_property pg_input_error_info pg_input_is_valid
pg_is_other_temp_schema pg_mcv_list_send pg_my_temp_schema pg_ndistinct_send pg_node_tree_send pg_numa_available
pg_opclass_is_visible pg_operator_is_visible pg_opfamily_is_visible pg_postmaster_start_time pg_relation_filenode
pg_relation_filepath pg_relation_is_publishable pg_relation_is_updatable pg_replication_origin_oid
pg_sequence_parameters pg_settings_get_flags pg_split_walfile_name pg_table_is_visible pg_tablespace_location
pg_trigger_depth pg_ts_config_is_visible pg_ts_dict_is_visible pg_ts_parser_is_visible pg_ts_template_is_visible
pg_type_is_visible pg_typeof phraseto_tsquery plainto_tsquery quote_literal quote_nullable range_send record_send
regclass row_security_active row_to_json schema_to_xml schema_to_xml_and_xmlschema schema_to_xmlschema session_user
shobj_description statement_timestamp system_user table_to_xml table_to_xml_and_xmlschema table_to_xmlschema textsend
time timenow timestamp timestamp_cmp_timestamptz timestamptz timestamptz_cmp_date timestamptz_cmp_timestamp timetz
timezone to_char to_date to_json to_jsonb to_number to_regclass to_regcollation to_regnamespace to_regoper
to_regoperator to_regproc to_regprocedure to_regrole to_regtype to_regtypemod to_timestamp to_tsquery to_tsvector
transaction_timestamp ts_headline txid_current txid_current_if_assigned txid_current_snapshot varcharsend version
websearch_to_tsquery xml xml_is_well_formed xml_send
"""

_IMMUTABLE = """
abbrev abs abstimesend acldefault acos acosd acosh any_value_transfn area array_dims array_fill array_larger
array_length array_lower array_ndims array_position array_positions array_remove array_replace array_reverse
array_smaller array_sort array_to_tsvector array_upper ascii asind asinh atan atan2 atan2d atand atanh bit bit_count
bit_length bit_send bitcmp bool booland_statefunc boolor_statefunc boolsend bound_box box box_send bpchar bpchar_larger
bpchar_smaller bpcharcmp broadcast bytea bytea_larger bytea_smaller byteacmp byteasend cardinality casefold cash_cmp
cash_send cash_words cashlarger cashsmaller cbrt ceil ceiling center char char_length character_length charsend chr
cidr cidr_send cidsend circle circle_send cos cosd cosh cot cotd crc32 crc32c cume_dist date_cmp date_cmp_timestamp
date_larger date_send date_smaller datemultirange daterange daterange_canonical daterange_subdiff decode degrees
dense_rank dexp diagonal diameter div dlog1 dlog10 dround dtrunc encode enum_cmp enum_larger enum_smaller erf erfc exp
factorial family first_value float4 float4_accum float4larger float4send float4smaller float8 float8_accum float8_avg
float8_combine float8_corr float8_covar_pop float8_covar_samp float8_regr_accum float8_regr_avgx float8_regr_avgy
float8_regr_combine float8_regr_intercept float8_regr_r2 float8_regr_slope float8_regr_sxx float8_regr_sxy
float8_regr_syy float8_stddev_pop float8_stddev_samp float8_var_pop float8_var_samp float8larger float8send
float8smaller floor gamma gcd get_bit get_byte height host hostmask icu_unicode_version inet_merge inet_same_family
inet_send initcap int2 int2_avg_accum int2_avg_accum_inv int2_sum int2int4_sum int2larger int2send int2smaller
int2vectorsend int4 int4_avg_accum int4_avg_accum_inv int4_avg_combine int4_sum int4inc int4larger int4multirange
int4range int4range_canonical int4range_subdiff int4send int4smaller int8 int8_avg int8_sum int8dec int8dec_any int8inc
int8inc_any int8inc_float8_float8 int8larger int8multirange int8range int8range_canonical int8range_subdiff int8send
int8smaller interval interval_accum interval_accum_inv interval_avg interval_cmp interval_combine interval_hash
interval_hash_extended interval_larger interval_send interval_smaller is_normalized isclosed isempty isfinite
ishorizontal isopen isparallel isperp isvertical json_array_length json_object json_send json_strip_nulls json_typeof
jsonb_array_length jsonb_cmp jsonb_hash jsonb_hash_extended jsonb_insert jsonb_object jsonb_path_exists
jsonb_path_match jsonb_path_query_array jsonb_path_query_first jsonb_pretty jsonb_send jsonb_set jsonb_set_lax
jsonb_strip_nulls jsonb_typeof jsonpath_send justify_days justify_hours justify_interval lag last_value lcm lead left
lgamma like like_escape line line_send ln log log10 lower lower_inc lower_inf lpad lseg lseg_send ltrim macaddr
macaddr8 macaddr8_cmp macaddr8_send macaddr8_set7bit macaddr_cmp macaddr_send make_date make_interval make_time
make_timestamp makeaclitem masklen md5 min_scale mod multirange multirange_cmp multirange_intersect_agg_transfn name
nameconcatoid netmask network network_cmp network_larger network_smaller normalize notlike npoints nth_value ntile
num_nonnulls num_nulls numeric_cmp numeric_div_trunc numeric_exp numeric_inc numeric_larger numeric_ln numeric_log
numeric_send numeric_smaller numeric_sqrt nummultirange numnode numrange numrange_subdiff octet_length oid oidlarger
oidsend oidsmaller oidvectorsend overlay parse_ident path path_send pclose percent_rank pg_ddl_command_send
pg_encoding_max_length pg_indexam_progress_phasename pg_partition_root pg_size_bytes pg_size_pretty pg_snapshot_send
pg_snapshot_xmax pg_visible_in_snapshot pg_wal_lsn_diff pg_walfile_name pg_walfile_name_offset pi point point_send
poly_send polygon popen position postgresql_fdw_validator pow power querytree quote_ident radians radius range_cmp
range_intersect_agg_transfn range_merge rank record_larger record_smaller regclasssend regcollationsend regconfigsend
regdictionarysend regexp_count regexp_instr regexp_like regexp_match regexp_replace regexp_split_to_array regexp_substr
regnamespacesend regoperatorsend regopersend regproceduresend regprocsend regrolesend regtypesend reltime reltimesend
repeat replace reverse right round row_number rpad rtrim satisfies_hash_partition scale set_bit set_byte set_masklen
setweight sha224 sha256 sha384 sha512 sign similar_escape similar_to_escape sind sinh slope smgreq smgrne split_part
sqrt string_to_array strip strpos substr substring tan tand tanh text text_larger text_smaller textlen tidlarger
tidsend tidsmaller time_cmp time_hash time_hash_extended time_larger time_send time_smaller timestamp_cmp
timestamp_cmp_date timestamp_hash timestamp_hash_extended timestamp_larger timestamp_send timestamp_smaller
timestamptz_cmp timestamptz_hash timestamptz_hash_extended timestamptz_larger timestamptz_send timestamptz_smaller
timetz_cmp timetz_hash timetz_hash_extended timetz_larger timetz_send timetz_smaller tinterval tintervalend
tintervalrel tintervalsend to_ascii to_hex to_oct translate trim_array trim_scale trunc ts_delete ts_filter ts_lexize
ts_rank ts_rank_cd tsmultirange tsquery_cmp tsquery_phrase tsquerysend tsrange tsrange_subdiff tstzmultirange tstzrange
tstzrange_subdiff tsvector_cmp tsvector_to_array tsvectorsend txid_snapshot_send txid_snapshot_xmax
txid_visible_in_snapshot unicode_assigned unicode_version unistr unknownsend upper upper_inc upper_inf uuid_cmp
uuid_extract_timestamp uuid_extract_version uuid_hash uuid_hash_extended uuid_send varbit varbit_send varbitcmp varchar
void_send width width_bucket xid xid8_larger xid8_smaller xid8cmp xid8send xidsend xml_is_well_formed_content
xml_is_well_formed_document xmlcomment xmlconcat2 xmlexists xmltext xmlvalidate xpath xpath_exists
"""

_BUILT_IN: dict[str, Volatility] = {
    **dict.fromkeys(_IMMUTABLE.split(), "immutable"),
    **dict.fromkeys(_STABLE.split(), "stable"),
    **dict.fromkeys(_VOLATILE.split(), "volatile"),
}


_OF_QUERIES = frozenset(
    [
        "any_value",
        "array_agg",
        "avg",
        "bit_and",
        "bit_or",
        "bit_xor",
        "bool_and",
        "bool_or",
        "corr",
        "count",
        "covar_pop",
        "covar_samp",
        "every",
        "json_agg",
        "json_agg_strict",
        "json_object_agg",
        "json_object_agg_strict",
        "json_object_agg_unique",
        "json_object_agg_unique_strict",
        "jsonb_agg",
        "jsonb_agg_strict",
        "jsonb_object_agg",
        "jsonb_object_agg_strict",
        "jsonb_object_agg_unique",
        "jsonb_object_agg_unique_strict",
        "max",
        "min",
        "mode",
        "percentile_cont",
        "percentile_disc",
        "range_agg",
        "range_intersect_agg",
        "regr_avgx",
        "regr_avgy",
        "regr_count",
        "regr_intercept",
        "regr_r2",
        "regr_slope",
        "regr_sxx",
        "regr_sxy",
        "regr_syy",
        "stddev",
        "stddev_pop",
        "stddev_samp",
        "string_agg",
        "sum",
        "var_pop",
        "var_samp",
        "variance",
        "xmlagg",
        "aclexplode",
        "asin",
        "btrim",
        "date_bin",
        "generate_series",
        "generate_subscripts",
        "json_array_elements",
        "json_array_elements_text",
        "json_each",
        "json_each_text",
        "json_object_keys",
        "json_populate_recordset",
        "json_to_recordset",
        "jsonb_array_elements",
        "jsonb_array_elements_text",
        "jsonb_each",
        "jsonb_each_text",
        "jsonb_object_keys",
        "jsonb_path_query",
        "jsonb_path_query_tz",
        "jsonb_populate_recordset",
        "jsonb_to_recordset",
        "regexp_matches",
        "regexp_split_to_table",
        "setseed",
        "sin",
        "string_to_table",
        "ts_debug",
        "ts_parse",
        "ts_stat",
        "ts_token_type",
        "unnest",
        "suppress_redundant_updates_trigger",
        "tsvector_update_trigger",
        "tsvector_update_trigger_column",
    ]
)
"""What only queries and triggers call: aggregates, functions that return rows."""

_OF_SYSTEM = ("pg_", "lo_", "has_", "txid_", "binary_upgrade_")


def is_built_in(function: Name) -> bool:
    """Whether PostgreSQL has a function of that name."""
    if function.schema not in (None, "pg_catalog"):
        return False
    return function.name in _BUILT_IN or function.name in _OF_QUERIES or function.name.startswith(_OF_SYSTEM)


def volatility(function: Name) -> Volatility | None:
    """Volatility of a built-in function; None if PostgreSQL has none of that name (an extension's, a user's)."""
    if function.schema not in (None, "pg_catalog"):
        return None
    return _BUILT_IN.get(function.name)
