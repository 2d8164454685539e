;; returned [[2 3] [4] :text nil]
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func (param i32 i32) (result i64)))
  (type (;4;) (func (result i64)))
  (type (;5;) (func (param i64 i32) (result i32)))
  (type (;6;) (func (param i64) (result i32)))
  (type (;7;) (func (param i64 i64) (result i32)))
  (type (;8;) (func (param i64 i64) (result i64)))
  (type (;9;) (func (param i64 i64)))
  (type (;10;) (func (param i32)))
  (type (;11;) (func (param i64) (result i64)))
  (type (;12;) (func (param i32 i32) (result i32)))
  (type (;13;) (func (param i64 i64 i32) (result i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 1)))
  (import "rt" "args" (func $rt.args (type 2) (param i32) (result i32)))
  (import "rt" "mapFrom" (func $rt.mapFrom (type 3) (param i32 i32) (result i64)))
  (import "rt" "vectorFrom" (func $rt.vectorFrom (type 3) (param i32 i32) (result i64)))
  (import "rt" "vectorNew" (func $rt.vectorNew (type 4) (result i64)))
  (import "rt" "at" (func $rt.at (type 0) (param i64 i32) (result i64)))
  (import "rt" "slotOf" (func $rt.slotOf (type 5) (param i64 i32) (result i32)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 1)))
  (import "rt" "tag" (func $rt.tag (type 6) (param i64) (result i32)))
  (import "rt" "equal" (func $rt.equal (type 7) (param i64 i64) (result i32)))
  (import "rt" "restVector" (func $rt.restVector (type 0) (param i64 i32) (result i64)))
  (import "rt" "lookup" (func $rt.lookup (type 8) (param i64 i64) (result i64)))
  (import "rt" "isInt" (func $rt.isInt (type 6) (param i64) (result i32)))
  (import "rt" "vectorPush" (func $rt.vectorPush (type 9) (param i64 i64)))
  (import "rt" "closure" (func $rt.closure (type 12) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 13) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 2) (param i32) (result i32)))
  (import "rt" "decode" (func $rt.decode (type 3) (param i32 i32) (result i64)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (global (;2;) (mut i64) (i64.const 0))
  (global (;3;) (mut i64) (i64.const 0))
  (global (;4;) (mut i64) (i64.const 0))
  (global (;5;) (mut i64) (i64.const 0))
  (global (;6;) (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    18)
  (func (;18;) (type 0) (param i64 i32) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local i32 i32)
    (local i64 i64 i64)
    (local i32)
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 11
    global.set $rtfs:fuel
    local.get 11
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    i32.const 4
    call $rt.args
    local.set 12
    local.get 12
    global.get 2
    i64.store
    local.get 12
    i32.const 2
    call $rt.args
    local.set 13
    local.get 13
    global.get 3
    i64.store
    local.get 13
    i64.const 9
    i64.store offset=8
    local.get 13
    i32.const 1
    call $rt.mapFrom
    i64.store offset=8
    local.get 12
    global.get 4
    i64.store offset=16
    local.get 12
    i32.const 2
    call $rt.args
    local.set 13
    local.get 13
    global.get 3
    i64.store
    local.get 13
    global.get 5
    i64.store offset=8
    local.get 13
    i32.const 1
    call $rt.mapFrom
    i64.store offset=24
    local.get 12
    i32.const 4
    call $rt.vectorFrom
    local.set 2
    local.get 2
    i32.wrap_i64
    i32.load offset=4
    i64.extend_i32_u
    local.set 9
    call $rt.vectorNew
    local.set 3
    i64.const 0
    local.set 10
    i64.const 0
    local.set 11
    i32.const 0
    local.set 13
    local.get 10
    local.set 14
    loop (result i64)  ;; @1
      loop  ;; @2
        local.get 10
        local.get 14
        i64.lt_s
        if  ;; @3
          local.get 13
          i32.const 1
          i32.add
          local.set 13
          local.get 3
          local.get 10
          local.get 11
          i64.ge_s
          if  ;; @4
            local.get 2
            local.get 10
            i32.wrap_i64
            call 19
            local.tee 16
            i32.wrap_i64
            local.set 12
            local.get 16
            i64.const 32
            i64.shr_u
            local.get 10
            i64.add
            local.set 11
          end
          local.get 12
          local.get 10
          i32.wrap_i64
          i32.const 3
          i32.shl
          i32.add
          i64.load
          local.set 4
          local.get 1
          i32.eqz
          if  ;; @4
            call $rt.recursionLimit
            unreachable
          end
          i64.const 0
          drop
          block (result i64)  ;; @4
            block  ;; @5
              local.get 4
              call $rt.tag
              i32.const 5
              i32.eq
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              local.get 4
              i32.wrap_i64
              i32.load offset=4
              i64.extend_i32_u
              i64.const 1
              i64.ge_s
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              local.get 4
              i32.const 0
              call 20
              local.set 6
              local.get 6
              i64.const 3
              call 21
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              local.get 4
              i32.const 1
              call $rt.restVector
              local.set 7
              local.get 7
              br 1 (;@4;)
            end
            block  ;; @5
              local.get 4
              call $rt.tag
              i32.const 7
              i32.eq
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              local.get 4
              i32.wrap_i64
              i32.load offset=4
              i64.extend_i32_u
              i64.const 1
              i64.eq
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              local.get 4
              global.get 3
              call $rt.lookup
              local.set 8
              local.get 8
              i64.const 6
              i64.eq
              if (result i64)  ;; @6
                br 1 (;@5;)
              else
                i64.const 0
              end
              drop
              local.get 8
              call 22
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              i32.const 1
              call $rt.args
              local.set 17
              local.get 17
              local.get 8
              i64.store
              local.get 17
              i32.const 1
              call $rt.vectorFrom
              br 1 (;@4;)
            end
            block  ;; @5
              local.get 4
              global.get 4
              call 21
              if (result i64)  ;; @6
                i64.const 0
              else
                br 1 (;@5;)
              end
              drop
              global.get 6
              br 1 (;@4;)
            end
            i64.const 0
          end
          call 23
          local.get 10
          i64.const 1
          i64.add
          local.set 10
          local.set 3
          br 1 (;@2;)
        end
      end
      local.get 10
      local.get 9
      i64.lt_s
      if  ;; @2
        local.get 9
        local.get 10
        i64.sub
        local.tee 15
        i64.const 256
        local.get 15
        i64.const 256
        i64.lt_u
        select
        local.tee 15
        local.get 10
        i64.add
        local.set 14
        local.get 15
        i32.wrap_i64
        local.get 13
        i32.add
        i32.const 0
        local.set 13
        call 24
        br 1 (;@1;)
      end
      local.get 3
    end
    local.get 13
    call 24)
  (func (;19;) (type 0) (param i64 i32) (result i64)
    (local i32)
    local.get 0
    i32.wrap_i64
    i32.load offset=8
    i32.const 255
    i32.eq
    if (result i64)  ;; @1
      i32.const 65536
      local.get 0
      local.get 1
      call $rt.at
      i64.store
      i32.const 65536
      local.get 1
      i32.const 3
      i32.shl
      i32.sub
      i64.extend_i32_u
      i64.const 4294967296
      i64.or
    else
      local.get 0
      local.get 1
      call $rt.slotOf
      local.get 1
      i32.const 3
      i32.shl
      i32.sub
      local.set 2
      i32.const 32
      local.get 0
      i32.wrap_i64
      i32.load offset=20
      local.get 1
      i32.add
      i32.const 31
      i32.and
      i32.sub
      i64.extend_i32_u
      i64.const 32
      i64.shl
      local.get 2
      i64.extend_i32_u
      i64.or
    end)
  (func (;20;) (type 0) (param i64 i32) (result i64)
    (local i32 i32 i32)
    local.get 0
    i32.wrap_i64
    i32.load offset=20
    local.get 1
    i32.add
    local.set 2
    local.get 0
    i32.wrap_i64
    i32.load offset=8
    local.tee 3
    i32.const 255
    i32.eq
    if  ;; @1
      local.get 0
      local.get 1
      return_call $rt.at
    end
    local.get 2
    local.get 0
    i32.wrap_i64
    i32.load offset=20
    local.get 0
    i32.wrap_i64
    i32.load offset=4
    i32.add
    i32.const 1
    i32.sub
    i32.const -32
    i32.and
    i32.ge_u
    if (result i32)  ;; @1
      local.get 0
      i32.wrap_i64
      i32.load offset=16
    else
      local.get 0
      i32.wrap_i64
      i32.load offset=12
      local.set 4
      block  ;; @2
        loop  ;; @3
          local.get 3
          i32.eqz
          br_if 1 (;@2;)
          local.get 4
          local.get 2
          local.get 3
          i32.shr_u
          i32.const 31
          i32.and
          i32.const 2
          i32.shl
          i32.add
          i32.load offset=8
          local.set 4
          local.get 3
          i32.const 5
          i32.sub
          local.set 3
          br 0 (;@3;)
        end
      end
      local.get 4
    end
    local.get 2
    i32.const 31
    i32.and
    i32.const 3
    i32.shl
    i32.add
    i64.load offset=8)
  (func (;21;) (type 7) (param i64 i64) (result i32)
    local.get 0
    local.get 1
    i64.or
    i32.wrap_i64
    i32.const 1
    i32.and
    local.get 0
    local.get 1
    i64.or
    i64.const 8
    i64.lt_u
    i32.or
    if  ;; @1
      local.get 0
      local.get 1
      i64.eq
      return
    end
    local.get 0
    local.get 1
    return_call $rt.equal)
  (func (;22;) (type 6) (param i64) (result i32)
    local.get 0
    i32.wrap_i64
    i32.const 1
    i32.and
    if  ;; @1
      i32.const 1
      return
    end
    local.get 0
    return_call $rt.isInt)
  (func (;23;) (type 8) (param i64 i64) (result i64)
    (local i32 i32 i32)
    local.get 0
    i32.wrap_i64
    local.tee 2
    i32.load offset=16
    local.tee 3
    i32.load16_u
    local.tee 4
    local.get 3
    i32.load16_u offset=2
    i32.lt_u
    if  ;; @1
      local.get 3
      local.get 4
      i32.const 3
      i32.shl
      i32.add
      local.get 1
      i64.store offset=8
      local.get 3
      local.get 4
      i32.const 1
      i32.add
      i32.store16
      local.get 2
      local.get 2
      i32.load offset=4
      i32.const 1
      i32.add
      i32.store offset=4
      local.get 0
      return
    end
    local.get 0
    local.get 1
    call $rt.vectorPush
    local.get 0)
  (func (;24;) (type 10) (param i32)
    (local i64)
    global.get $rtfs:fuel
    local.get 0
    i64.extend_i32_u
    i64.sub
    local.tee 1
    global.set $rtfs:fuel
    local.get 1
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end)
  (func $main (type 11) (param i64) (result i64)
    i32.const 65544
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 1)
    (local i64)
    i32.const 67
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 67
    memory.init 0
    ref.null func
    i32.const 1
    table.grow $rt.table
    i32.const 13
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 13
    i32.const 0
    i32.const 1
    table.init 0
    i32.const 65584
    i32.const 19
    call $rt.decode
    local.set 0
    local.get 0
    i32.const 0
    call $rt.at
    global.set 2
    local.get 0
    i32.const 1
    call $rt.at
    global.set 3
    local.get 0
    i32.const 2
    call $rt.at
    global.set 4
    local.get 0
    i32.const 3
    call $rt.at
    global.set 5
    local.get 0
    i32.const 4
    call $rt.at
    global.set 6)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00"
    "\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00\85\83\01\02\03\c6akasbno\c6dt"
    "ext")
)
