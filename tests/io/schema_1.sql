CREATE SCHEMA kcn1;
CREATE FUNCTION kcn1.kcngeo_gate() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    PERFORM "kcn1"."kcngeo_moment"();
    RETURN NULL;
END $$;
CREATE FUNCTION kcn1.kcngeo_history() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
DECLARE
    given timestamp with time zone;
    key text := TG_ARGV[0];
    place text := TG_ARGV[1];
    called text := format('%I.%I', TG_TABLE_SCHEMA, TG_TABLE_NAME);
    was text := COALESCE(current_setting('kcngeo.writer', true), '');
    counter text := pg_get_serial_sequence(called, key);
    number bigint;
    latest bigint;
    told jsonb;
    kept record;
BEGIN
    -- The old state of a row, put beside it by this very function.
    IF TG_OP = 'INSERT' AND pg_trigger_depth() > 1 AND was = 'history' THEN
        RETURN NEW;
    END IF;
    given := "kcn1"."kcngeo_moment"();
    told := jsonb_build_object(
        place, nextval(pg_get_serial_sequence(called, place)), 'recorded_at', given,
        'superseded_at', NULL, 'recorded_by', session_user);
    IF TG_OP = 'INSERT' THEN
        -- Who numbers his rows himself takes the number from those the database gives.
        EXECUTE format('SELECT ($1).%I', key) USING NEW INTO number;
        EXECUTE format('SELECT last_value FROM %s', counter) INTO latest;
        IF number > latest THEN
            PERFORM setval(counter, number);
        END IF;
        RETURN jsonb_populate_record(NEW, told);
    END IF;
    IF OLD.superseded_at IS NOT NULL THEN
        IF TG_OP = 'UPDATE' AND NEW *= OLD THEN
            RETURN OLD;
        END IF;
        RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'Dòng này đã bị thay thế và thuộc về lịch sử; hãy sửa dòng đang có hiệu lực ghi nhận. · This row was superseded and belongs to the history; edit the row on record.';
    END IF;
    IF TG_OP = 'UPDATE' THEN
        EXECUTE format('SELECT ($1).%I', key) USING OLD INTO number;
        told := told || jsonb_build_object(key, number);
        NEW := jsonb_populate_record(NEW, told);
        kept := jsonb_populate_record(OLD, told);
        -- Nothing but what this function gives was edited.
        IF NEW *= kept THEN
            RETURN OLD;
        END IF;
    END IF;
    -- What this transaction recorded itself was never on record for others.
    IF OLD.recorded_at IS DISTINCT FROM given THEN
        kept := jsonb_populate_record(OLD, jsonb_build_object(
            key, nextval(counter), 'superseded_at', given));
        PERFORM set_config('kcngeo.writer', 'history', true);
        EXECUTE format('INSERT INTO %s SELECT ($1).*', called) USING kept;
        PERFORM set_config('kcngeo.writer', was, true);
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    RETURN NEW;
END $_$;
CREATE FUNCTION kcn1.kcngeo_keep() RETURNS trigger
    LANGUAGE plpgsql
    SET search_path TO 'pg_catalog'
    AS $$
BEGIN
    RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE = 'Bảng này giữ lịch sử: hãy xóa từng dòng thay vì làm rỗng bảng. · The table keeps its history: delete rows instead of emptying it.';
END $$;
CREATE FUNCTION kcn1.kcngeo_moment() RETURNS timestamp with time zone
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $$
DECLARE
    given timestamp with time zone;
BEGIN
    SELECT moment INTO given FROM "kcn1"."kcngeo_schema" WHERE writer = pg_current_xact_id();
    IF FOUND THEN
        RETURN given;
    END IF;
    -- Until this transaction ends nobody else is given a moment.
    UPDATE "kcn1"."kcngeo_schema" SET writer = pg_current_xact_id(), moment = GREATEST(
        date_trunc('milliseconds', clock_timestamp()), moment + interval '1 millisecond'
    ) RETURNING moment INTO STRICT given;
    RETURN given;
END $$;
CREATE TABLE kcn1.kcngeo_schema (
    is_one boolean DEFAULT true NOT NULL,
    version integer NOT NULL,
    columns jsonb NOT NULL,
    moment timestamp with time zone NOT NULL,
    writer xid8,
    CONSTRAINT kcngeo_schema_is_one_check CHECK (is_one)
);
CREATE FUNCTION kcn1.kcngeo_passes() RETURNS boolean
    LANGUAGE sql STABLE
    SET search_path TO 'pg_catalog'
    BEGIN ATOMIC
 SELECT ((COALESCE(current_setting('kcngeo.writer'::text, true), ''::text) <> ''::text) AND has_table_privilege(SESSION_USER, ('kcn1.kcngeo_schema'::regclass)::oid, 'UPDATE'::text));
END;
CREATE FUNCTION kcn1.kcngeo_references() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER
    SET search_path TO 'pg_catalog'
    AS $_$
DECLARE
    child text := TG_ARGV[0];
    field text := TG_ARGV[1];
    parent text := TG_ARGV[2];
    named text;
    fails boolean;
BEGIN
    IF TG_ARGV[3] = 'child' THEN
        EXECUTE format('SELECT ($1).%I', field) USING NEW INTO named;
    ELSE
        EXECUTE format('SELECT ($1).%I', field) USING OLD INTO named;
    END IF;
    EXECUTE format(
        'SELECT EXISTS (SELECT 1 FROM %1$I.%2$I WHERE %4$I = $1 AND superseded_at IS NULL)'
        ' AND NOT EXISTS (SELECT 1 FROM %1$I.%3$I WHERE %4$I = $1 AND superseded_at IS NULL)',
        TG_TABLE_SCHEMA, child, parent, field) USING named INTO fails;
    IF fails THEN
        RAISE EXCEPTION USING ERRCODE = 'foreign_key_violation',
            CONSTRAINT = format('kcn_%s_reference', child), TABLE = child,
            MESSAGE = 'Có dòng nhắc tới đối tượng không có trong dữ liệu · A row on record names what is not on record', DETAIL = format('%s: %s', field, named);
    END IF;
    RETURN NULL;
END $_$;
CREATE TABLE kcn1.ledger (
    fid bigint NOT NULL,
    parcel_id text NOT NULL,
    status text NOT NULL,
    valid_from date NOT NULL,
    valid_to date,
    part_area_ha double precision,
    entry_id text,
    document text,
    project_id text,
    basis text,
    recorded_at timestamp with time zone,
    superseded_at timestamp with time zone,
    recorded_by text,
    kcngeo_order bigint NOT NULL,
    CONSTRAINT kcn_ledger_basis_list CHECK ((basis = ANY (ARRAY['published'::text, 'assumed'::text]))),
    CONSTRAINT kcn_ledger_days CHECK ((valid_from < valid_to)),
    CONSTRAINT kcn_ledger_part_area_ha_range CHECK (((part_area_ha > (0)::double precision) AND (part_area_ha < 'Infinity'::double precision))),
    CONSTRAINT kcn_ledger_record_days CHECK ((recorded_at < superseded_at)),
    CONSTRAINT kcn_ledger_status_list CHECK ((status = ANY (ARRAY['leased'::text, 'reserved'::text, 'recovering'::text, 'repurposed'::text, 'uncleared'::text])))
);
COMMENT ON TABLE kcn1.ledger IS 'Sổ theo dõi · Ledger [kcngeo]';
CREATE TABLE kcn1.parcels (
    fid bigint NOT NULL,
    parcel_id text NOT NULL,
    zone_id text NOT NULL,
    land_use text NOT NULL,
    land_use_code text,
    lot_code text,
    phase text,
    map_sheet_no text,
    cadastral_no text,
    certificate_no text,
    certificate_area_m2 double precision,
    commune_code text,
    parents text,
    valid_from date,
    valid_to date,
    geometry_source text,
    recorded_at timestamp with time zone,
    superseded_at timestamp with time zone,
    recorded_by text,
    geometry public.geometry(MultiPolygon,5899),
    kcngeo_order bigint NOT NULL,
    CONSTRAINT kcn_parcels_certificate_area_m2_range CHECK (((certificate_area_m2 > (0)::double precision) AND (certificate_area_m2 < 'Infinity'::double precision))),
    CONSTRAINT kcn_parcels_days CHECK ((valid_from < valid_to)),
    CONSTRAINT kcn_parcels_geometry_source_list CHECK ((geometry_source = ANY (ARRAY['survey'::text, 'plan'::text, 'digitised'::text, 'synthetic'::text]))),
    CONSTRAINT kcn_parcels_land_use_list CHECK ((land_use = ANY (ARRAY['industrial'::text, 'service'::text, 'green'::text, 'transport'::text, 'technical'::text, 'housing'::text, 'water'::text, 'other'::text]))),
    CONSTRAINT kcn_parcels_record_days CHECK ((recorded_at < superseded_at))
);
COMMENT ON TABLE kcn1.parcels IS 'Lô đất: mọi phiên bản · Lots: all versions [kcngeo]';
CREATE FUNCTION kcn1.parcels_on(on_day date, known_at timestamp with time zone DEFAULT NULL::timestamp with time zone) RETURNS TABLE(fid bigint, parcel_id text, zone_id text, land_use text, land_use_code text, lot_code text, phase text, map_sheet_no text, cadastral_no text, certificate_no text, certificate_area_m2 double precision, commune_code text, parents text, valid_from date, valid_to date, geometry_source text, recorded_at timestamp with time zone, superseded_at timestamp with time zone, recorded_by text, geometry public.geometry, status text, leased_share double precision, reserved_share double precision, recovering_share double precision, repurposed_share double precision, uncleared_share double precision, available_share double precision)
    LANGUAGE sql STABLE PARALLEL SAFE
    BEGIN ATOMIC
 WITH lot AS (
          SELECT p.fid,
             p.parcel_id,
             p.zone_id,
             p.land_use,
             p.land_use_code,
             p.lot_code,
             p.phase,
             p.map_sheet_no,
             p.cadastral_no,
             p.certificate_no,
             p.certificate_area_m2,
             p.commune_code,
             p.parents,
             p.valid_from,
             p.valid_to,
             p.geometry_source,
             p.recorded_at,
             p.superseded_at,
             p.recorded_by,
             p.geometry,
             p.kcngeo_order,
             COALESCE(p.certificate_area_m2, public.st_area(p.geometry)) AS "whole m2"
            FROM kcn1.parcels p
           WHERE (
                 CASE
                     WHEN (parcels_on.known_at IS NULL) THEN (p.superseded_at IS NULL)
                     ELSE (COALESCE((p.recorded_at <= parcels_on.known_at), true) AND COALESCE((parcels_on.known_at < p.superseded_at), true))
                 END AND COALESCE((p.valid_from <= parcels_on.on_day), true) AND COALESCE((parcels_on.on_day < p.valid_to), true))
         ), entry AS (
          SELECT e.parcel_id,
             e.status,
             e.part_area_ha
            FROM kcn1.ledger e
           WHERE (
                 CASE
                     WHEN (parcels_on.known_at IS NULL) THEN (e.superseded_at IS NULL)
                     ELSE (COALESCE((e.recorded_at <= parcels_on.known_at), true) AND COALESCE((parcels_on.known_at < e.superseded_at), true))
                 END AND COALESCE((e.valid_from <= parcels_on.on_day), true) AND COALESCE((parcels_on.on_day < e.valid_to), true))
         ), held AS (
          SELECT lot.fid,
             entry.status,
             (sum(
                 CASE
                     WHEN (entry.part_area_ha IS NULL) THEN (1)::numeric
                     ELSE round((((entry.part_area_ha * (10000)::double precision) / NULLIF(lot."whole m2", (0)::double precision)))::numeric, 12)
                 END))::double precision AS share
            FROM (lot
              JOIN entry ON ((entry.parcel_id = lot.parcel_id)))
           GROUP BY lot.fid, entry.status
         ), summed AS (
          SELECT held.fid,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'leased'::text)), (0)::double precision) AS leased,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'reserved'::text)), (0)::double precision) AS reserved,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'recovering'::text)), (0)::double precision) AS recovering,
             COALESCE(sum(held.share) FILTER (WHERE (held.status = 'repurposed'::text)), (0)::double precision) AS repurposed,
             COALESCE(sum(held.share) FILTER (WHERE (held.status <> 'uncleared'::text)), (0)::double precision) AS tenure,
             LEAST(COALESCE(sum(held.share) FILTER (WHERE (held.status = 'uncleared'::text)), (0)::double precision), (1)::double precision) AS uncleared,
             (bool_and((held.share IS NOT NULL)) AND (COALESCE(sum(held.share) FILTER (WHERE (held.status <> 'uncleared'::text)), (0)::double precision) <= (1.005)::double precision) AND (COALESCE(sum(held.share) FILTER (WHERE (held.status = 'uncleared'::text)), (0)::double precision) <= (1.005)::double precision)) AS is_sound
            FROM held
           GROUP BY held.fid
         ), laid AS (
          SELECT summed.fid,
             summed.is_sound,
             (round(((summed.leased / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS leased,
             (round(((summed.reserved / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS reserved,
             (round(((summed.recovering / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS recovering,
             (round(((summed.repurposed / GREATEST(summed.tenure, (1)::double precision)))::numeric, 12))::double precision AS repurposed,
             (round((LEAST(summed.uncleared, ((1)::double precision - LEAST(summed.tenure, (1)::double precision))))::numeric, 12))::double precision AS uncleared,
             (round((GREATEST((((1)::double precision - LEAST(summed.tenure, (1)::double precision)) - summed.uncleared), (0)::double precision))::numeric, 12))::double precision AS available
            FROM summed
         ), stated AS (
          SELECT lot.fid,
             lot.parcel_id,
             lot.zone_id,
             lot.land_use,
             lot.land_use_code,
             lot.lot_code,
             lot.phase,
             lot.map_sheet_no,
             lot.cadastral_no,
             lot.certificate_no,
             lot.certificate_area_m2,
             lot.commune_code,
             lot.parents,
             lot.valid_from,
             lot.valid_to,
             lot.geometry_source,
             lot.recorded_at,
             lot.superseded_at,
             lot.recorded_by,
             lot.geometry,
             lot.kcngeo_order,
             lot."whole m2",
             ((laid.fid IS NULL) OR laid.is_sound) AS is_sound,
             COALESCE(laid.leased, (0)::double precision) AS leased,
             COALESCE(laid.reserved, (0)::double precision) AS reserved,
             COALESCE(laid.recovering, (0)::double precision) AS recovering,
             COALESCE(laid.repurposed, (0)::double precision) AS repurposed,
             COALESCE(laid.uncleared, (0)::double precision) AS uncleared,
             COALESCE(laid.available, (1)::double precision) AS available
            FROM (lot
              LEFT JOIN laid ON ((laid.fid = lot.fid)))
         )
  SELECT stated.fid,
     stated.parcel_id,
     stated.zone_id,
     stated.land_use,
     stated.land_use_code,
     stated.lot_code,
     stated.phase,
     stated.map_sheet_no,
     stated.cadastral_no,
     stated.certificate_no,
     stated.certificate_area_m2,
     stated.commune_code,
     stated.parents,
     stated.valid_from,
     stated.valid_to,
     stated.geometry_source,
     stated.recorded_at,
     stated.superseded_at,
     stated.recorded_by,
     stated.geometry,
         CASE
             WHEN (NOT stated.is_sound) THEN NULL::text
             ELSE
             CASE GREATEST(stated.leased, stated.reserved, stated.recovering, stated.repurposed, stated.uncleared, stated.available)
                 WHEN stated.leased THEN 'leased'::text
                 WHEN stated.reserved THEN 'reserved'::text
                 WHEN stated.recovering THEN 'recovering'::text
                 WHEN stated.repurposed THEN 'repurposed'::text
                 WHEN stated.uncleared THEN 'uncleared'::text
                 ELSE 'available'::text
             END
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.leased
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.reserved
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.recovering
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.repurposed
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.uncleared
             ELSE NULL::double precision
         END AS "case",
         CASE
             WHEN stated.is_sound THEN stated.available
             ELSE NULL::double precision
         END AS "case"
    FROM stated
   ORDER BY stated.fid;
END;
COMMENT ON FUNCTION kcn1.parcels_on(on_day date, known_at timestamp with time zone) IS 'State of every lot on a day, as known at a moment [kcngeo 7b229a338f0bdac4]';
ALTER TABLE kcn1.ledger ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.ledger_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE kcn1.ledger ALTER COLUMN kcngeo_order ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.ledger_kcngeo_order_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW kcn1.ledger_now AS
 SELECT fid,
    parcel_id,
    status,
    valid_from,
    valid_to,
    part_area_ha,
    entry_id,
    document,
    project_id,
    basis,
    recorded_at,
    superseded_at,
    recorded_by
   FROM kcn1.ledger t
  WHERE (COALESCE((valid_from <= ((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date), true) AND COALESCE((((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date < valid_to), true) AND
        CASE
            WHEN (NULL::timestamp with time zone IS NULL) THEN (superseded_at IS NULL)
            ELSE (COALESCE((recorded_at <= NULL::timestamp with time zone), true) AND COALESCE((NULL::timestamp with time zone < superseded_at), true))
        END);
COMMENT ON VIEW kcn1.ledger_now IS '[kcngeo]';
ALTER TABLE kcn1.parcels ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.parcels_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE kcn1.parcels ALTER COLUMN kcngeo_order ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.parcels_kcngeo_order_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW kcn1.parcels_now AS
 SELECT fid,
    parcel_id,
    zone_id,
    land_use,
    land_use_code,
    lot_code,
    phase,
    map_sheet_no,
    cadastral_no,
    certificate_no,
    certificate_area_m2,
    commune_code,
    parents,
    valid_from,
    valid_to,
    geometry_source,
    recorded_at,
    superseded_at,
    recorded_by,
    (geometry)::public.geometry(MultiPolygon,5899) AS geometry,
    status,
    leased_share,
    reserved_share,
    recovering_share,
    repurposed_share,
    uncleared_share,
    available_share
   FROM kcn1.parcels_on(((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date) t(fid, parcel_id, zone_id, land_use, land_use_code, lot_code, phase, map_sheet_no, cadastral_no, certificate_no, certificate_area_m2, commune_code, parents, valid_from, valid_to, geometry_source, recorded_at, superseded_at, recorded_by, geometry, status, leased_share, reserved_share, recovering_share, repurposed_share, uncleared_share, available_share)
  WHERE true;
COMMENT ON VIEW kcn1.parcels_now IS '[kcngeo]';
CREATE TABLE kcn1.zones (
    fid bigint NOT NULL,
    zone_id text NOT NULL,
    name text,
    established_on date,
    removed_on date,
    stage text,
    approved_area_ha double precision,
    plan_document text,
    province text,
    valid_from date,
    valid_to date,
    geometry_source text,
    recorded_at timestamp with time zone,
    superseded_at timestamp with time zone,
    recorded_by text,
    geometry public.geometry(MultiPolygon,5899),
    kcngeo_order bigint NOT NULL,
    CONSTRAINT kcn_zones_approved_area_ha_range CHECK (((approved_area_ha > (0)::double precision) AND (approved_area_ha < 'Infinity'::double precision))),
    CONSTRAINT kcn_zones_days CHECK ((valid_from < valid_to)),
    CONSTRAINT kcn_zones_geometry_source_list CHECK ((geometry_source = ANY (ARRAY['survey'::text, 'plan'::text, 'digitised'::text, 'synthetic'::text]))),
    CONSTRAINT kcn_zones_record_days CHECK ((recorded_at < superseded_at)),
    CONSTRAINT kcn_zones_stage_list CHECK ((stage = ANY (ARRAY['proposed'::text, 'planned'::text, 'established'::text, 'removed'::text])))
);
COMMENT ON TABLE kcn1.zones IS 'Khu công nghiệp: mọi phiên bản · Zones: all versions [kcngeo]';
ALTER TABLE kcn1.zones ALTER COLUMN fid ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.zones_fid_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
ALTER TABLE kcn1.zones ALTER COLUMN kcngeo_order ADD GENERATED BY DEFAULT AS IDENTITY (
    SEQUENCE NAME kcn1.zones_kcngeo_order_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);
CREATE VIEW kcn1.zones_now AS
 SELECT fid,
    zone_id,
    name,
    established_on,
    removed_on,
    stage,
    approved_area_ha,
    plan_document,
    province,
    valid_from,
    valid_to,
    geometry_source,
    recorded_at,
    superseded_at,
    recorded_by,
    geometry
   FROM kcn1.zones t
  WHERE (COALESCE((valid_from <= ((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date), true) AND COALESCE((((now() AT TIME ZONE 'Asia/Ho_Chi_Minh'::text))::date < valid_to), true) AND
        CASE
            WHEN (NULL::timestamp with time zone IS NULL) THEN (superseded_at IS NULL)
            ELSE (COALESCE((recorded_at <= NULL::timestamp with time zone), true) AND COALESCE((NULL::timestamp with time zone < superseded_at), true))
        END);
COMMENT ON VIEW kcn1.zones_now IS '[kcngeo]';
INSERT INTO kcn1.kcngeo_schema VALUES (true, 1, '{"zones": ["zone_id"], "ledger": ["parcel_id", "status", "valid_from", "valid_to", "part_area_ha", "entry_id", "document"], "parcels": ["parcel_id", "zone_id", "land_use"]}', '2026-11-28 04:33:36.548+00', '742');
INSERT INTO kcn1.ledger VALUES (2, 'P2', 'leased', '2018-01-01', '2019-01-01', NULL, 'e2', 'No. 0', NULL, NULL, NULL, NULL, NULL, 2);
INSERT INTO kcn1.ledger VALUES (3, 'P1', 'leased', '2018-01-01', NULL, NULL, 'e1', 'No. 0', NULL, NULL, NULL, '2026-11-28 04:33:36.548+00', NULL, 1);
INSERT INTO kcn1.ledger VALUES (1, 'P1', 'leased', '2018-01-01', NULL, NULL, 'e1', 'No. 1', NULL, NULL, '2026-11-28 04:33:36.548+00', NULL, 'owner', 3);
INSERT INTO kcn1.parcels VALUES (1, 'P1', 'A', 'industrial', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01060000200B17000001000000010300000001000000050000000000000010861E4100000000F06033410000000010861E4100000000546133410000000080841E4100000000546133410000000080841E4100000000F06033410000000010861E4100000000F0603341', 1);
INSERT INTO kcn1.parcels VALUES (2, 'P2', 'A', 'industrial', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01060000200B170000010000000103000000010000000500000000000000A0871E4100000000F060334100000000A0871E4100000000546133410000000010861E4100000000546133410000000010861E4100000000F060334100000000A0871E4100000000F0603341', 2);
INSERT INTO kcn1.zones VALUES (1, 'A', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, '01060000200B17000001000000010300000001000000050000000000000020941E4100000000F06033410000000020941E4100000000546133410000000080841E4100000000546133410000000080841E4100000000F06033410000000020941E4100000000F0603341', 1);
SELECT pg_catalog.setval('kcn1.ledger_fid_seq', 3, true);
SELECT pg_catalog.setval('kcn1.ledger_kcngeo_order_seq', 3, true);
SELECT pg_catalog.setval('kcn1.parcels_fid_seq', 2, true);
SELECT pg_catalog.setval('kcn1.parcels_kcngeo_order_seq', 2, true);
SELECT pg_catalog.setval('kcn1.zones_fid_seq', 1, true);
SELECT pg_catalog.setval('kcn1.zones_kcngeo_order_seq', 1, true);
ALTER TABLE ONLY kcn1.ledger
    ADD CONSTRAINT kcn_ledger_overlap EXCLUDE USING gist (parcel_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE (((superseded_at IS NULL) AND (part_area_ha IS NULL) AND (status = ANY (ARRAY['leased'::text, 'reserved'::text, 'recovering'::text, 'repurposed'::text])))) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.ledger
    ADD CONSTRAINT kcn_ledger_twice EXCLUDE USING btree (entry_id WITH =) WHERE ((superseded_at IS NULL)) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.parcels
    ADD CONSTRAINT kcn_parcels_overlap EXCLUDE USING gist (parcel_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE ((superseded_at IS NULL)) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.parcels
    ADD CONSTRAINT kcn_parcels_twice EXCLUDE USING btree (parcel_id WITH =, COALESCE(valid_from, '-infinity'::date) WITH =) WHERE ((superseded_at IS NULL)) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.zones
    ADD CONSTRAINT kcn_zones_overlap EXCLUDE USING gist (zone_id WITH =, daterange(valid_from, valid_to) WITH &&) WHERE ((superseded_at IS NULL)) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.zones
    ADD CONSTRAINT kcn_zones_twice EXCLUDE USING btree (zone_id WITH =, COALESCE(valid_from, '-infinity'::date) WITH =) WHERE ((superseded_at IS NULL)) DEFERRABLE INITIALLY DEFERRED;
ALTER TABLE ONLY kcn1.kcngeo_schema
    ADD CONSTRAINT kcngeo_schema_pkey PRIMARY KEY (is_one);
ALTER TABLE ONLY kcn1.ledger
    ADD CONSTRAINT ledger_pkey PRIMARY KEY (fid);
ALTER TABLE ONLY kcn1.parcels
    ADD CONSTRAINT parcels_pkey PRIMARY KEY (fid);
ALTER TABLE ONLY kcn1.zones
    ADD CONSTRAINT zones_pkey PRIMARY KEY (fid);
CREATE INDEX ledger_entry_id_idx ON kcn1.ledger USING btree (entry_id);
CREATE INDEX ledger_parcel_id_idx ON kcn1.ledger USING btree (parcel_id);
CREATE INDEX ledger_project_id_idx ON kcn1.ledger USING btree (project_id);
CREATE INDEX parcels_geometry_idx ON kcn1.parcels USING gist (geometry);
CREATE INDEX parcels_parcel_id_idx ON kcn1.parcels USING btree (parcel_id);
CREATE INDEX parcels_zone_id_idx ON kcn1.parcels USING btree (zone_id);
CREATE INDEX zones_geometry_idx ON kcn1.zones USING gist (geometry);
CREATE INDEX zones_zone_id_idx ON kcn1.zones USING btree (zone_id);
CREATE TRIGGER kcngeo_gate BEFORE INSERT OR DELETE OR UPDATE ON kcn1.ledger FOR EACH STATEMENT WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_gate();
CREATE TRIGGER kcngeo_gate BEFORE INSERT OR DELETE OR UPDATE ON kcn1.parcels FOR EACH STATEMENT WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_gate();
CREATE TRIGGER kcngeo_gate BEFORE INSERT OR DELETE OR UPDATE ON kcn1.zones FOR EACH STATEMENT WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_gate();
CREATE TRIGGER kcngeo_history BEFORE INSERT OR DELETE OR UPDATE ON kcn1.ledger FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_history('fid', 'kcngeo_order');
CREATE TRIGGER kcngeo_history BEFORE INSERT OR DELETE OR UPDATE ON kcn1.parcels FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_history('fid', 'kcngeo_order');
CREATE TRIGGER kcngeo_history BEFORE INSERT OR DELETE OR UPDATE ON kcn1.zones FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_history('fid', 'kcngeo_order');
CREATE TRIGGER kcngeo_keep BEFORE TRUNCATE ON kcn1.ledger FOR EACH STATEMENT EXECUTE FUNCTION kcn1.kcngeo_keep();
CREATE TRIGGER kcngeo_keep BEFORE TRUNCATE ON kcn1.parcels FOR EACH STATEMENT EXECUTE FUNCTION kcn1.kcngeo_keep();
CREATE TRIGGER kcngeo_keep BEFORE TRUNCATE ON kcn1.zones FOR EACH STATEMENT EXECUTE FUNCTION kcn1.kcngeo_keep();
CREATE CONSTRAINT TRIGGER kcngeo_parcel_id_child AFTER INSERT OR UPDATE ON kcn1.ledger DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_references('ledger', 'parcel_id', 'parcels', 'child');
CREATE CONSTRAINT TRIGGER kcngeo_parcel_id_parent AFTER DELETE OR UPDATE ON kcn1.parcels DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_references('ledger', 'parcel_id', 'parcels', 'parent');
CREATE CONSTRAINT TRIGGER kcngeo_zone_id_child AFTER INSERT OR UPDATE ON kcn1.parcels DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_references('parcels', 'zone_id', 'zones', 'child');
CREATE CONSTRAINT TRIGGER kcngeo_zone_id_parent AFTER DELETE OR UPDATE ON kcn1.zones DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN ((NOT kcn1.kcngeo_passes())) EXECUTE FUNCTION kcn1.kcngeo_references('parcels', 'zone_id', 'zones', 'parent');
REVOKE ALL ON FUNCTION kcn1.kcngeo_gate() FROM PUBLIC;
REVOKE ALL ON FUNCTION kcn1.kcngeo_history() FROM PUBLIC;
REVOKE ALL ON FUNCTION kcn1.kcngeo_keep() FROM PUBLIC;
REVOKE ALL ON FUNCTION kcn1.kcngeo_moment() FROM PUBLIC;
GRANT SELECT ON TABLE kcn1.kcngeo_schema TO PUBLIC;
REVOKE ALL ON FUNCTION kcn1.kcngeo_references() FROM PUBLIC;
