;; returned {0 0 1 2 2 4}
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func))
  (type (;2;) (func (param i32) (result i32)))
  (type (;3;) (func (param i32 i32) (result i64)))
  (type (;4;) (func (result i32)))
  (type (;5;) (func (param i64) (result i64)))
  (type (;6;) (func (param i64 i64) (result i64)))
  (type (;7;) (func (param i32 i64 i64 i64) (result i64)))
  (type (;8;) (func (param i32)))
  (type (;9;) (func (param i32 i32) (result i32)))
  (type (;10;) (func (param i64 i64 i32) (result i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 1)))
  (import "rt" "args" (func $rt.args (type 2) (param i32) (result i32)))
  (import "rt" "mapFrom" (func $rt.mapFrom (type 3) (param i32 i32) (result i64)))
  (import "rt" "newOwner" (func $rt.newOwner (type 4) (result i32)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 1)))
  (import "rt" "int" (func $rt.int (type 5) (param i64) (result i64)))
  (import "rt" "mulInt" (func $rt.mulInt (type 6) (param i64 i64) (result i64)))
  (import "rt" "assocOwn" (func $rt.assocOwn (type 7) (param i32 i64 i64 i64) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 9) (param i32 i32) (result i32)))
  (import "rt" "applyVector" (func $rt.applyVector (type 10) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 2) (param i32) (result i32)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    11)
  (func (;11;) (type 0) (param i64 i32) (result i64)
    (local i64 i64 i64 i64 i64 i64 i64 i64 i64)
    (local i32)
    (local i64)
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 10
    global.set $rtfs:fuel
    local.get 10
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    i32.const 0
    call $rt.args
    local.set 11
    local.get 11
    i32.const 0
    call $rt.mapFrom
    local.set 3
    call $rt.newOwner
    i64.extend_i32_u
    local.set 6
    local.get 3
    local.set 4
    i64.const 0
    local.set 8
    i32.const 0
    local.set 11
    local.get 8
    local.set 10
    loop (result i64)  ;; @1
      loop  ;; @2
        local.get 8
        local.get 10
        i64.lt_s
        if  ;; @3
          local.get 11
          i32.const 1
          i32.add
          local.set 11
          local.get 4
          local.set 5
          local.get 8
          local.set 9
          local.get 1
          i32.eqz
          if  ;; @4
            call $rt.recursionLimit
            unreachable
          end
          i64.const 0
          drop
          local.get 6
          i32.wrap_i64
          local.get 5
          local.get 9
          call 12
          local.get 9
          i64.const 2
          call 13
          call 12
          call $rt.assocOwn
          local.get 8
          i64.const 1
          i64.add
          local.set 8
          local.set 4
          br 1 (;@2;)
        end
      end
      local.get 8
      i64.const 3
      i64.lt_s
      if  ;; @2
        i64.const 3
        local.get 8
        i64.sub
        local.tee 12
        i64.const 256
        local.get 12
        i64.const 256
        i64.lt_u
        select
        local.tee 12
        local.get 8
        i64.add
        local.set 10
        local.get 12
        i32.wrap_i64
        local.get 11
        i32.add
        i32.const 0
        local.set 11
        call 14
        br 1 (;@1;)
      end
      local.get 4
    end
    local.get 11
    call 14)
  (func (;12;) (type 5) (param i64) (result i64)
    (local i64)
    local.get 0
    i64.const 1
    i64.shl
    local.tee 1
    i64.const 1
    i64.shr_s
    local.get 0
    i64.eq
    if  ;; @1
      local.get 1
      i64.const 1
      i64.or
      return
    end
    local.get 0
    return_call $rt.int)
  (func (;13;) (type 6) (param i64 i64) (result i64)
    local.get 0
    local.get 0
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    local.get 1
    local.get 1
    i32.wrap_i64
    i64.extend_i32_s
    i64.eq
    i32.and
    if  ;; @1
      local.get 0
      local.get 1
      i64.mul
      return
    end
    local.get 0
    local.get 1
    return_call $rt.mulInt)
  (func (;14;) (type 8) (param i32)
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
  (func $main (type 5) (param i64) (result i64)
    i32.const 65536
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 1)
    i32.const 40
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 40
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
    table.init 0)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\0d\00\00\00\02\00\00\00\03\00\00\00\04\00\00\00"
    "\05\00\00\00\06\00\00\00")
)
