"""The queries behind `migsafe.sandbox.schema`: one for each family of objects, for PostgreSQL 10 to 18.

Each gives the fields of `migsafe.sandbox.schema.Object`, in their order; later ones may be missing.
"""

from collections.abc import Iterator


def queries(major: int) -> Iterator[str]:
    """What to ask a server of a major version; the session's search path is ``public``."""
    yield _SCHEMAS
    yield _EXTENSIONS
    yield _types(major)
    yield from _functions(major)
    yield _relations(major)
    yield _columns(major)
    yield _constraints(major)
    yield _indexes(major)
    yield _SEQUENCES
    yield _RULES
    yield _TRIGGERS
    yield _POLICIES
    yield from _others(major)
    yield _COMMENTS


def _own(schema: str) -> str:
    return rf"({schema}.nspname !~ '^pg_' AND {schema}.nspname <> 'information_schema')"


def _of_user(catalog: str, alias: str, schema: str | None = None, made_by: str = "'e', 'i'") -> str:
    """What is the user's own: not the server's, whose oids are smaller, and not an extension's.

    Args:
        made_by: ``pg_depend.deptype`` of what another object has brought along: an extension or, as the constructors of
            a range type, anything.
    """
    return (
        f"{alias}.oid >= 16384 AND {_own(schema) if schema else 'true'} AND NOT EXISTS (SELECT FROM pg_depend e"
        f" WHERE e.classid = '{catalog}'::regclass AND e.objid = {alias}.oid AND e.deptype IN ({made_by}))"
    )


def _name(schema: str, name: str) -> str:
    return f"CASE {schema}.nspname WHEN 'public' THEN '' ELSE {schema}.nspname || '.' END || {name}"


def _identity(catalog: str, oid: str, part: str = "0") -> str:
    """As the server names an object, quoted and with the types of arguments."""
    identity = f"(pg_identify_object({catalog}, {oid}, {part})).identity"
    return rf"regexp_replace({identity}, '(^|[ (,])(public|pg_catalog)\.', '\1', 'g')"


def _list(items: str) -> str:
    return f"CASE WHEN {items} <> '{{}}' THEN (SELECT string_agg(o, ', ' ORDER BY o) FROM unnest({items}) o) END"


def _tablespace(relation: str) -> str:
    return f"(SELECT ' TABLESPACE ' || quote_ident(spcname) FROM pg_tablespace WHERE oid = {relation}.reltablespace)"


def _collation(collation: str, of_type: str) -> str:
    return (
        f"CASE WHEN {collation} <> {of_type} THEN (SELECT ' COLLATE ' || CASE WHEN pg_collation_is_visible(l.oid)"
        " THEN '' ELSE quote_ident(ln.nspname) || '.' END || quote_ident(l.collname)"
        f" FROM pg_collation l JOIN pg_namespace ln ON ln.oid = l.collnamespace WHERE l.oid = {collation}) END"
    )


def _enabled(column: str) -> str:
    return f"CASE {column} WHEN 'D' THEN ' DISABLED' WHEN 'R' THEN ' ENABLE REPLICA' WHEN 'A' THEN ' ENABLE ALWAYS' END"


_TABLE = _name("n", "c.relname")
_TABLES = "pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
_OF_USER = _of_user("pg_class", "c", "n", "'e'")

_SCHEMAS = f"""
SELECT 'schema', n.nspname, 'SCHEMA' FROM pg_namespace n
WHERE {_own("n")} AND NOT EXISTS (
    SELECT FROM pg_depend e WHERE e.classid = 'pg_namespace'::regclass AND e.objid = n.oid AND e.deptype = 'e')
ORDER BY 2
"""

_EXTENSIONS = """
SELECT 'extension', e.extname, format('VERSION %L SCHEMA %I', e.extversion, n.nspname)
FROM pg_extension e JOIN pg_namespace n ON n.oid = e.extnamespace ORDER BY 2
"""


def _fed_by(sequence: str) -> str:
    """Whether the default of a column is that it takes the next value of a sequence, which belongs to it."""
    return f"pg_get_expr(d.adbin, d.adrelid) = format('nextval(%L::regclass)', {sequence}::regclass::text)"


_OWNED_BY = "o.classid = 'pg_class'::regclass AND o.refclassid = 'pg_class'::regclass AND o.refobjsubid > 0"


def _types(major: int) -> str:
    multirange = "', multirange_type_name = ' || r.rngmultitypid::regtype" if major >= 14 else "''"
    return f"""
SELECT 'type', {_name("n", "t.typname")}, CASE t.typtype
    WHEN 'e' THEN format('ENUM (%s)', (
        SELECT string_agg(quote_literal(e.enumlabel), ', ' ORDER BY e.enumsortorder)
        FROM pg_enum e WHERE e.enumtypid = t.oid))
    WHEN 'd' THEN concat('DOMAIN ', format_type(t.typbasetype, t.typtypmod),
        {_collation("t.typcollation", "b.typcollation")}, ' DEFAULT ' || t.typdefault,
        CASE WHEN t.typnotnull THEN ' NOT NULL' END, (
            SELECT string_agg(format(' CONSTRAINT %I %s', k.conname, pg_get_constraintdef(k.oid, true)), ''
                ORDER BY k.conname)
            FROM pg_constraint k WHERE k.contypid = t.oid AND k.contype = 'c'))
    WHEN 'c' THEN format('(%s)', (
        SELECT string_agg(concat(quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
            {_collation("a.attcollation", "x.typcollation")}), ', ' ORDER BY a.attnum)
        FROM pg_attribute a JOIN pg_type x ON x.oid = a.atttypid
        WHERE a.attrelid = t.typrelid AND a.attnum > 0 AND NOT a.attisdropped))
    WHEN 'r' THEN (
        SELECT concat('RANGE (subtype = ', r.rngsubtype::regtype, ', subtype_opclass = ', o.opcname,
            ', subtype_collation = ' || l.collname, ', canonical = ' || nullif(r.rngcanonical::oid, 0)::regproc,
            ', subtype_diff = ' || nullif(r.rngsubdiff::oid, 0)::regproc, {multirange}, ')')
        FROM pg_range r JOIN pg_opclass o ON o.oid = r.rngsubopc LEFT JOIN pg_collation l ON l.oid = r.rngcollation
        WHERE r.rngtypid = t.oid)
    ELSE CASE WHEN t.typisdefined THEN format(
        'TYPE (input = %s, output = %s, receive = %s, send = %s, typmod_in = %s, length = %s, byvalue = %s, align = %s,'
        ' storage = %s, category = %s, default = %L)', t.typinput, t.typoutput, t.typreceive, t.typsend, t.typmodin,
        t.typlen, t.typbyval, t.typalign, t.typstorage, t.typcategory, t.typdefault) ELSE 'TYPE' END END
FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace LEFT JOIN pg_class c ON c.oid = t.typrelid
LEFT JOIN pg_type b ON b.oid = t.typbasetype
WHERE coalesce(c.relkind, 'c') = 'c' AND {_of_user("pg_type", "t", "n", "'e'")}
  AND t.typtype <> 'm' AND NOT EXISTS (SELECT FROM pg_type o WHERE o.typarray = t.oid)
ORDER BY 2
"""


def _functions(major: int) -> Iterator[str]:
    aggregate = "p.prokind = 'a'" if major >= 11 else "p.proisagg"
    kind = (
        "CASE p.prokind WHEN 'p' THEN 'procedure' WHEN 'w' THEN 'window function' ELSE 'function' END"
        if major >= 11
        else "'function'"
    )
    functions = "pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace"
    name = _identity("'pg_proc'::regclass", "p.oid")
    yield f"""
SELECT {kind}, {name}, rtrim(pg_get_functiondef(p.oid), E'\\n') FROM {functions}
WHERE {_of_user("pg_proc", "p", "n")} AND NOT {aggregate} ORDER BY 2
"""
    parallel = "a.aggfinalmodify, a.aggmfinalmodify" if major >= 11 else "NULL, NULL"
    yield f"""
SELECT 'aggregate', {name}, format('AGGREGATE (%s) %s', pg_get_function_arguments(p.oid), concat_ws(', ',
    p.proparallel, a.aggkind, a.aggnumdirectargs, a.aggtransfn, a.aggfinalfn, a.aggcombinefn, a.aggserialfn,
    a.aggdeserialfn, a.aggmtransfn, a.aggminvtransfn, a.aggmfinalfn, a.aggfinalextra, a.aggmfinalextra,
    nullif(a.aggsortop, 0)::regoperator, a.aggtranstype::regtype, a.aggtransspace,
    nullif(a.aggmtranstype, 0)::regtype, a.aggmtransspace, quote_nullable(a.agginitval),
    quote_nullable(a.aggminitval), {parallel}))
FROM {functions} JOIN pg_aggregate a ON a.aggfnoid = p.oid
WHERE {_of_user("pg_proc", "p", "n")} ORDER BY 2
"""


def _relations(major: int) -> str:
    method = (
        "CASE WHEN c.relkind IN ('r', 'm', 'p') THEN (SELECT ' USING ' || quote_ident(amname) FROM pg_am"
        " WHERE oid = c.relam AND amname <> 'heap') END"
        if major >= 12
        else "''"
    )
    options = "(c.reloptions || ARRAY(SELECT 'toast.' || o FROM unnest(x.reloptions) o))"
    return f"""
SELECT CASE c.relkind WHEN 'v' THEN 'view' WHEN 'm' THEN 'materialized view' WHEN 'f' THEN 'foreign table'
    ELSE 'table' END, {_TABLE}, concat(
    CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END,
    CASE c.relkind WHEN 'v' THEN 'VIEW' WHEN 'm' THEN 'MATERIALIZED VIEW' WHEN 'f' THEN 'FOREIGN TABLE'
        ELSE 'TABLE' END,
    ' OF ' || nullif(c.reloftype, 0)::regtype,
    CASE WHEN c.relispartition THEN ' PARTITION OF ' ELSE ' INHERITS ' END || (
        SELECT string_agg(i.inhparent::regclass::text, ', ' ORDER BY i.inhseqno)
        FROM pg_inherits i WHERE i.inhrelid = c.oid),
    ' ' || pg_get_expr(c.relpartbound, c.oid),
    CASE c.relkind WHEN 'p' THEN ' PARTITION BY ' || pg_get_partkeydef(c.oid) END,
    (SELECT ' SERVER ' || quote_ident(s.srvname) || coalesce(' OPTIONS (' || {_list("f.ftoptions")} || ')', '')
     FROM pg_foreign_table f JOIN pg_foreign_server s ON s.oid = f.ftserver WHERE f.ftrelid = c.oid),
    {method},
    ' WITH (' || {_list(options)} || ')',
    {_tablespace("c")},
    CASE WHEN c.relrowsecurity THEN ' ENABLE ROW LEVEL SECURITY' END,
    CASE WHEN c.relforcerowsecurity THEN ' FORCE ROW LEVEL SECURITY' END,
    CASE WHEN c.relkind IN ('r', 'p', 'm') THEN CASE c.relreplident
        WHEN 'f' THEN ' REPLICA IDENTITY FULL' WHEN 'n' THEN ' REPLICA IDENTITY NOTHING' END END,
    CASE WHEN c.relkind IN ('v', 'm') THEN E' AS\\n' || rtrim(pg_get_viewdef(c.oid, true), ';') END,
    CASE WHEN NOT c.relispopulated THEN ' WITH NO DATA' END)
FROM {_TABLES} LEFT JOIN pg_class x ON x.oid = c.reltoastrelid
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {_OF_USER} ORDER BY 2
"""


def _columns(major: int) -> str:
    generated = "a.attgenerated" if major >= 12 else "''"
    compression = (
        "CASE a.attcompression WHEN 'p' THEN ' COMPRESSION pglz' WHEN 'l' THEN ' COMPRESSION lz4' END"
        if major >= 14
        else "''"
    )
    # What the server names by itself, it may name otherwise when the column comes back.
    given = r"k.conname !~ '_not_null\d*$'"
    not_null = (
        f"concat(CASE WHEN {given} THEN ' CONSTRAINT ' || quote_ident(k.conname) END, ' NOT NULL',"
        " CASE WHEN k.connoinherit THEN ' NO INHERIT' END, CASE WHEN NOT k.convalidated THEN ' NOT VALID' END)"
        if major >= 18
        else "' NOT NULL'"
    )
    named = f"CASE WHEN NOT ({given}) THEN ' named ' || quote_ident(k.conname) END" if major >= 18 else "''"
    constraint = (
        "LEFT JOIN pg_constraint k ON k.conrelid = c.oid AND k.contype = 'n' AND k.conkey = ARRAY[a.attnum]"
        if major >= 18
        else ""
    )
    return f"""
SELECT 'column', {_TABLE} || '.' || a.attname, concat(
    format_type(a.atttypid, a.atttypmod),
    CASE WHEN a.attstorage <> t.typstorage THEN ' STORAGE ' || CASE a.attstorage
        WHEN 'p' THEN 'PLAIN' WHEN 'e' THEN 'EXTERNAL' WHEN 'm' THEN 'MAIN' ELSE 'EXTENDED' END END,
    {compression},
    {_collation("a.attcollation", "t.typcollation")},
    CASE WHEN a.attnotnull THEN {not_null} END,
    CASE WHEN d.adbin IS NULL THEN NULL
         WHEN {generated} <> '' THEN format(' GENERATED ALWAYS AS (%s) %s', pg_get_expr(d.adbin, c.oid, true),
            CASE {generated} WHEN 's' THEN 'STORED' ELSE 'VIRTUAL' END)
         WHEN EXISTS (SELECT FROM pg_depend o WHERE {_OWNED_BY} AND o.refobjid = c.oid AND o.refobjsubid = a.attnum
            AND o.deptype = 'a' AND {_fed_by("o.objid")}) THEN ' DEFAULT nextval(…)'
         ELSE ' DEFAULT ' || pg_get_expr(d.adbin, c.oid, true) END,
    CASE a.attidentity WHEN 'a' THEN ' GENERATED ALWAYS AS IDENTITY'
        WHEN 'd' THEN ' GENERATED BY DEFAULT AS IDENTITY' END,
    CASE WHEN a.attstattarget >= 0 THEN ' STATISTICS ' || a.attstattarget END,
    ' WITH (' || {_list("a.attoptions")} || ')',
    ' OPTIONS (' || {_list("a.attfdwoptions")} || ')'),
    {_TABLE}, NULL, false, concat({named}, CASE WHEN NOT a.attislocal THEN ' inherited' END)
FROM {_TABLES} JOIN pg_attribute a ON a.attrelid = c.oid JOIN pg_type t ON t.oid = a.atttypid
LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
{constraint}
WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND a.attnum > 0 AND NOT a.attisdropped AND {_OF_USER}
ORDER BY {_TABLE}, a.attnum
"""


def _index_state(major: int) -> str:
    statistics = (
        "(SELECT string_agg(format(' ALTER COLUMN %s SET STATISTICS %s', a.attnum, a.attstattarget), ''"
        " ORDER BY a.attnum) FROM pg_attribute a WHERE a.attrelid = i.indexrelid AND a.attstattarget >= 0)"
    )
    return f"""{_tablespace("x")},
    CASE WHEN NOT i.indisvalid THEN ' INVALID' END, CASE WHEN NOT i.indisready THEN ' NOT READY' END,
    CASE WHEN i.indisclustered THEN ' CLUSTER' END, CASE WHEN i.indisreplident THEN ' REPLICA IDENTITY' END,
    {statistics if major >= 11 else "''"}"""


def _constraints(major: int) -> str:
    # Those that only carry a constraint of a partitioned table further are part of it.
    further = "k.conparentid <> 0" if major >= 11 else "false"
    return f"""
SELECT 'constraint', {_TABLE} || '.' || k.conname, concat(pg_get_constraintdef(k.oid, true),
    ' WITH (' || {_list("x.reloptions")} || ')', {_index_state(major)},
    CASE WHEN EXISTS (SELECT FROM pg_trigger g WHERE g.tgconstraint = k.oid AND g.tgisinternal AND g.tgenabled <> 'O')
        THEN ' TRIGGERS NOT ENABLED' END),
    {_TABLE}, NULL, k.contype = 'p', CASE WHEN NOT k.conislocal THEN ' inherited' ELSE '' END
FROM {_TABLES} JOIN pg_constraint k ON k.conrelid = c.oid
LEFT JOIN pg_index i ON i.indexrelid = k.conindid AND k.contype IN ('p', 'u', 'x')
LEFT JOIN pg_class x ON x.oid = i.indexrelid
WHERE k.contype IN ('c', 'f', 'p', 'u', 'x') AND NOT {further} AND {_OF_USER}
ORDER BY 2
"""


def _indexes(major: int) -> str:
    attached = "x.relispartition" if major >= 11 else "false"
    return f"""
SELECT 'index', name, definition, within, replace(definition, ' ' || quote_ident(relname) || ' ON ', ' ON '), attached
FROM (
    SELECT {_name("xn", "x.relname")} AS name, x.relname, {_TABLE} AS within, {attached} AS attached,
        concat(pg_get_indexdef(x.oid, 0, true), {_index_state(major)}) AS definition
    FROM {_TABLES} JOIN pg_index i ON i.indrelid = c.oid JOIN pg_class x ON x.oid = i.indexrelid
    JOIN pg_namespace xn ON xn.oid = x.relnamespace
    WHERE c.relkind IN ('r', 'p', 'm') AND {_OF_USER} AND NOT EXISTS (
        SELECT FROM pg_constraint k WHERE k.conrelid = c.oid AND k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
    OFFSET 0) i
ORDER BY 2
"""


_SEQUENCES = f"""
SELECT 'sequence', name, format(definition, ' ' || name), owner, format(definition, ''), coalesce(fed, false)
FROM (
    SELECT {_TABLE} AS name, s.owner, s.fed, concat(
        CASE c.relpersistence WHEN 'u' THEN 'UNLOGGED ' END, 'SEQUENCE%s AS ', q.seqtypid::regtype,
        ' START ', q.seqstart, ' INCREMENT ', q.seqincrement, ' MINVALUE ', q.seqmin, ' MAXVALUE ', q.seqmax,
        ' CACHE ', q.seqcache, CASE WHEN q.seqcycle THEN ' CYCLE' END,
        ' OWNED BY ' || replace(s.owner, '%', '%%')) AS definition
    FROM {_TABLES} JOIN pg_sequence q ON q.seqrelid = c.oid
    LEFT JOIN LATERAL (
        SELECT {_name("tn", "t.relname")} || '.' || a.attname AS owner, o.deptype = 'i' OR {_fed_by("o.objid")} AS fed
        FROM pg_depend o JOIN pg_class t ON t.oid = o.refobjid JOIN pg_namespace tn ON tn.oid = t.relnamespace
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = o.refobjsubid
        LEFT JOIN pg_attrdef d ON d.adrelid = t.oid AND d.adnum = a.attnum
        WHERE {_OWNED_BY} AND o.objid = c.oid AND o.deptype IN ('a', 'i')) s ON true
    WHERE {_OF_USER}) q
ORDER BY 2
"""


_RULES = f"""
SELECT 'rule', {_TABLE} || '.' || r.rulename,
    concat(rtrim(pg_get_ruledef(r.oid, true), ';'), {_enabled("r.ev_enabled")}), {_TABLE}
FROM {_TABLES} JOIN pg_rewrite r ON r.ev_class = c.oid WHERE r.rulename <> '_RETURN' AND {_OF_USER} ORDER BY 2
"""

_TRIGGERS = f"""
SELECT 'trigger', {_TABLE} || '.' || g.tgname,
    concat(pg_get_triggerdef(g.oid, true), {_enabled("g.tgenabled")}), {_TABLE}
FROM {_TABLES} JOIN pg_trigger g ON g.tgrelid = c.oid WHERE NOT g.tgisinternal AND {_OF_USER} ORDER BY 2
"""

_POLICIES = f"""
SELECT 'policy', {_TABLE} || '.' || p.polname, concat(
    CASE WHEN p.polpermissive THEN 'PERMISSIVE' ELSE 'RESTRICTIVE' END, ' FOR ', CASE p.polcmd WHEN 'r' THEN 'SELECT'
        WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE' ELSE 'ALL' END,
    ' TO ' || coalesce((SELECT string_agg(quote_ident(rolname), ', ' ORDER BY rolname) FROM pg_roles
        WHERE oid = ANY (p.polroles)), 'public'),
    ' USING (' || pg_get_expr(p.polqual, c.oid, true) || ')',
    ' WITH CHECK (' || pg_get_expr(p.polwithcheck, c.oid, true) || ')'), {_TABLE}
FROM {_TABLES} JOIN pg_policy p ON p.polrelid = c.oid WHERE {_OF_USER} ORDER BY 2
"""


def _others(major: int) -> Iterator[str]:
    yield f"""
SELECT 'statistics', {_name("n", "s.stxname")}, concat(pg_get_statisticsobjdef(s.oid),
    ' STATISTICS ' || nullif((to_jsonb(s) ->> 'stxstattarget')::int, -1)), s.stxrelid::regclass::text
FROM pg_statistic_ext s JOIN pg_namespace n ON n.oid = s.stxnamespace
WHERE {_of_user("pg_statistic_ext", "s", "n")} ORDER BY 2
"""
    yield f"""
SELECT 'collation', {_name("n", "l.collname")}, 'COLLATION '
    || (to_jsonb(l) - ARRAY['oid', 'collname', 'collnamespace', 'collowner', 'collversion'])::text
FROM pg_collation l JOIN pg_namespace n ON n.oid = l.collnamespace
WHERE {_of_user("pg_collation", "l", "n")} ORDER BY 2
"""
    yield f"""
SELECT 'event trigger', t.evtname, concat('ON ', t.evtevent, ' WHEN TAG IN (' || {_list("t.evttags")} || ')',
    ' EXECUTE FUNCTION ', t.evtfoid::regprocedure, {_enabled("t.evtenabled")})
FROM pg_event_trigger t WHERE {_of_user("pg_event_trigger", "t")} ORDER BY 2
"""
    yield f"""
SELECT 'foreign data wrapper', w.fdwname, concat(' HANDLER ' || nullif(w.fdwhandler, 0)::regproc,
    ' VALIDATOR ' || nullif(w.fdwvalidator, 0)::regproc, ' OPTIONS (' || {_list("w.fdwoptions")} || ')')
FROM pg_foreign_data_wrapper w WHERE {_of_user("pg_foreign_data_wrapper", "w")}
UNION ALL
SELECT 'server', s.srvname, concat('SERVER', ' TYPE ' || quote_literal(s.srvtype),
    ' VERSION ' || quote_literal(s.srvversion),
    ' FOREIGN DATA WRAPPER ', quote_ident(w.fdwname), ' OPTIONS (' || {_list("s.srvoptions")} || ')')
FROM pg_foreign_server s JOIN pg_foreign_data_wrapper w ON w.oid = s.srvfdw
WHERE {_of_user("pg_foreign_server", "s")} ORDER BY 1, 2
"""
    columns = (
        """' (' || (SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) FROM pg_attribute a
            WHERE a.attrelid = r.prrelid AND a.attnum = ANY (r.prattrs)) || ')',
        ' WHERE ' || pg_get_expr(r.prqual, r.prrelid)"""
        if major >= 15
        else "''"
    )
    schemas = (
        """' FOR TABLES IN SCHEMA ' || (SELECT string_agg(s.pnnspid::regnamespace::text, ', '
        ORDER BY s.pnnspid::regnamespace::text) FROM pg_publication_namespace s WHERE s.pnpubid = p.oid)"""
        if major >= 15
        else "''"
    )
    yield f"""
SELECT 'publication', p.pubname, concat('PUBLICATION ', (to_jsonb(p) - ARRAY['oid', 'pubname', 'pubowner'])::text,
    ' FOR TABLE ' || (SELECT string_agg(t.name, ', ' ORDER BY t.name) FROM (
        SELECT concat(r.prrelid::regclass, {columns}) AS name FROM pg_publication_rel r WHERE r.prpubid = p.oid) t),
    {schemas})
FROM pg_publication p WHERE {_of_user("pg_publication", "p")} ORDER BY 2
"""
    yield f"""
SELECT 'operator', {_identity("'pg_operator'::regclass", "o.oid")}, concat('FUNCTION ', o.oprcode, ' COMMUTATOR '
    || nullif(o.oprcom, 0)::regoperator, ' NEGATOR ' || nullif(o.oprnegate, 0)::regoperator, ' RESTRICT '
    || nullif(o.oprrest, 0)::regproc, ' JOIN ' || nullif(o.oprjoin, 0)::regproc,
    CASE WHEN o.oprcanmerge THEN ' MERGES' END, CASE WHEN o.oprcanhash THEN ' HASHES' END)
FROM pg_operator o JOIN pg_namespace n ON n.oid = o.oprnamespace WHERE {_of_user("pg_operator", "o", "n")}
UNION ALL
SELECT 'operator class', {_identity("'pg_opclass'::regclass", "o.oid")},
    concat(CASE WHEN o.opcdefault THEN 'DEFAULT ' END,
    'FOR TYPE ', o.opcintype::regtype, ' STORAGE ' || nullif(o.opckeytype, 0)::regtype)
FROM pg_opclass o JOIN pg_namespace n ON n.oid = o.opcnamespace WHERE {_of_user("pg_opclass", "o", "n")}
UNION ALL
SELECT 'operator family', {_identity("'pg_opfamily'::regclass", "o.oid")}, concat_ws(', ', 'OPERATOR FAMILY',
    (SELECT string_agg(format('OPERATOR %s %s', a.amopstrategy, a.amopopr::regoperator), ', '
        ORDER BY a.amopstrategy, a.amopopr::regoperator::text) FROM pg_amop a WHERE a.amopfamily = o.oid),
    (SELECT string_agg(format('FUNCTION %s %s', a.amprocnum, a.amproc::oid::regprocedure), ', '
        ORDER BY a.amprocnum, a.amproc::oid::regprocedure::text) FROM pg_amproc a WHERE a.amprocfamily = o.oid))
FROM pg_opfamily o JOIN pg_namespace n ON n.oid = o.opfnamespace WHERE {_of_user("pg_opfamily", "o", "n")}
UNION ALL
SELECT 'cast', {_identity("'pg_cast'::regclass", "t.oid")}, concat('METHOD ', t.castmethod, ' CONTEXT ', t.castcontext,
    ' FUNCTION ' || nullif(t.castfunc, 0)::regprocedure)
FROM pg_cast t WHERE {_of_user("pg_cast", "t")}
UNION ALL
SELECT 'text search configuration', {_name("n", "s.cfgname")}, concat('PARSER = ', p.prsname, (
    SELECT string_agg(format(', %s: %s', m.maptokentype, m.mapdict::regdictionary), ''
        ORDER BY m.maptokentype, m.mapseqno) FROM pg_ts_config_map m WHERE m.mapcfg = s.oid))
FROM pg_ts_config s JOIN pg_namespace n ON n.oid = s.cfgnamespace JOIN pg_ts_parser p ON p.oid = s.cfgparser
WHERE {_of_user("pg_ts_config", "s", "n")}
UNION ALL
SELECT 'text search dictionary', {_name("n", "s.dictname")}, concat('TEMPLATE = ', t.tmplname, ', ' || s.dictinitoption)
FROM pg_ts_dict s JOIN pg_namespace n ON n.oid = s.dictnamespace JOIN pg_ts_template t ON t.oid = s.dicttemplate
WHERE {_of_user("pg_ts_dict", "s", "n")}
UNION ALL
SELECT 'language', l.lanname, concat('HANDLER ', nullif(l.lanplcallfoid, 0)::regproc)
FROM pg_language l WHERE {_of_user("pg_language", "l")}
ORDER BY 1, 2
"""


# Of the types of tables and the like, which are `i`, nobody writes comments.
_COMMENTS = f"""
SELECT 'comment', (pg_identify_object(d.classoid, d.objoid, d.objsubid)).type || ' ' || o.name, d.description, o.name
FROM pg_description d LEFT JOIN (
    pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
) ON d.classoid = 'pg_constraint'::regclass AND k.oid = d.objoid
LEFT JOIN (
    pg_class r JOIN pg_namespace rn ON rn.oid = r.relnamespace
) ON d.classoid = 'pg_class'::regclass AND r.oid = d.objoid
LEFT JOIN pg_attribute a ON a.attrelid = r.oid AND a.attnum = d.objsubid AND d.objsubid > 0,
LATERAL (SELECT coalesce({_TABLE} || '.' || k.conname, {_name("rn", "r.relname")} || coalesce('.' || a.attname, ''),
    {_identity("d.classoid", "d.objoid", "d.objsubid")}) AS name OFFSET 0) o
WHERE d.objoid >= 16384 AND NOT EXISTS (SELECT FROM pg_depend e
    WHERE e.classid = d.classoid AND e.objid = d.objoid AND e.deptype = 'e')
ORDER BY 2
"""
