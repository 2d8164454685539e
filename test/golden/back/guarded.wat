;; returned ["Division by zero" 2]
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func (result i64 exnref)))
  (type (;4;) (func (param i64)))
  (type (;5;) (func (param i64 i64) (result i64)))
  (type (;6;) (func (param i64) (result i64)))
  (type (;7;) (func (param i32 i32) (result i64)))
  (type (;8;) (func (param i32 i32) (result i32)))
  (type (;9;) (func (param i64 i64 i32) (result i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 1)))
  (import "rt" "args" (func $rt.args (type 2) (param i32) (result i32)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 1)))
  (import "rt" "b3_2" (func $rt.b3_2 (type 5) (param i64 i64) (result i64)))
  (import "rt" "b98_1" (func $rt.b98_1 (type 6) (param i64) (result i64)))
  (import "rt" "b29_1" (func $rt.b29_1 (type 6) (param i64) (result i64)))
  (import "rt" "vectorFrom" (func $rt.vectorFrom (type 7) (param i32 i32) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 8) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 9) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 2) (param i32) (result i32)))
  (import "rt" "decode" (func $rt.decode (type 7) (param i32 i32) (result i64)))
  (import "rt" "at" (func $rt.at (type 0) (param i64 i32) (result i64)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (import "rt" "err" (tag $rt.err (type 4) (param i64)))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (global (;2;) (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    12)
  (func (;12;) (type 0) (param i64 i32) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64)
    (local i32)
    (local exnref)
    global.get $rtfs:fuel
    i64.const 3
    i64.sub
    local.tee 8
    global.set $rtfs:fuel
    local.get 8
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    i32.const 2
    call $rt.args
    local.set 9
    local.get 9
    local.get 1
    i32.eqz
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    i64.const 0
    drop
    ref.null exn
    local.set 10
    block  ;; @1
      block (type 3)  ;; @2
        try_table (catch_ref $rt.err 0)  ;; @3
          block (result i64)  ;; @4
            block (result i64)  ;; @5
              try_table (result i64) (catch $rt.err 0)  ;; @6
                i64.const 3
                i64.const 1
                call $rt.b3_2
              end
              br 1 (;@4;)
            end
            local.set 4
            local.get 4
            call $rt.b98_1
          end
          local.set 8
        end
        br 1 (;@1;)
      end
      local.set 10
      drop
    end
    global.get 2
    call $rt.b29_1
    drop
    local.get 10
    ref.is_null
    i32.eqz
    if  ;; @1
      local.get 10
      throw_ref
    end
    local.get 8
    i64.store
    local.get 9
    local.get 1
    i32.eqz
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    i64.const 0
    drop
    ref.null exn
    local.set 10
    block  ;; @1
      block (type 3)  ;; @2
        try_table (catch_ref $rt.err 0)  ;; @3
          block (result i64)  ;; @4
            block (result i64)  ;; @5
              try_table (result i64) (catch $rt.err 0)  ;; @6
                i64.const 13
                i64.const 7
                call $rt.b3_2
              end
              br 1 (;@4;)
            end
            local.set 7
            local.get 7
            call $rt.b98_1
          end
          local.set 8
        end
        br 1 (;@1;)
      end
      local.set 10
      drop
    end
    global.get 2
    call $rt.b29_1
    drop
    local.get 10
    ref.is_null
    i32.eqz
    if  ;; @1
      local.get 10
      throw_ref
    end
    local.get 8
    i64.store offset=8
    local.get 9
    i32.const 2
    call $rt.vectorFrom)
  (func $main (type 6) (param i64) (result i64)
    i32.const 65536
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 1)
    (local i64)
    i32.const 46
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 46
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
    i32.const 65576
    i32.const 6
    call $rt.decode
    local.set 0
    local.get 0
    i32.const 0
    call $rt.at
    global.set 2)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00"
    "\05\00\00\00\06\00\00\00\81ddone")
)
