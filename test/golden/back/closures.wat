;; returned [6 8]
(module
  (type (;0;) (func (param i64 i32) (result i64)))
  (type (;1;) (func (param i64 i64 i64 i32) (result i64)))
  (type (;2;) (func))
  (type (;3;) (func (param i32) (result i32)))
  (type (;4;) (func (param i64 i64 i32) (result i64)))
  (type (;5;) (func (param i32 i32) (result i64)))
  (type (;6;) (func (param i64 i32 i32 i32) (result i64)))
  (type (;7;) (func (param i64 i32)))
  (type (;8;) (func (param i32 i32 i32) (result i64)))
  (type (;9;) (func (param i64 i64 i64 i64 i32) (result i64)))
  (type (;10;) (func (param i64 i64 i64 i64 i64 i32) (result i64)))
  (type (;11;) (func (param i32 i32) (result i32)))
  (type (;12;) (func (param i64) (result i64)))
  (type (;13;) (func (param i64 i64) (result i64)))
  (import "rt" "outOfFuel" (func $rt.outOfFuel (type 2)))
  (import "rt" "args" (func $rt.args (type 3) (param i32) (result i32)))
  (import "rt" "invoke1" (func $rt.invoke1 (type 4) (param i64 i64 i32) (result i64)))
  (import "rt" "b79_2" (func $rt.b79_2 (type 4) (param i64 i64 i32) (result i64)))
  (import "rt" "vectorFrom" (func $rt.vectorFrom (type 5) (param i32 i32) (result i64)))
  (import "rt" "recursionLimit" (func $rt.recursionLimit (type 2)))
  (import "rt" "arityError" (func $rt.arityError (type 7) (param i64 i32)))
  (import "rt" "rest" (func $rt.rest (type 8) (param i32 i32 i32) (result i64)))
  (import "rt" "closure" (func $rt.closure (type 11) (param i32 i32) (result i32)))
  (import "rt" "int" (func $rt.int (type 12) (param i64) (result i64)))
  (import "rt" "b44_1" (func $rt.b44_1 (type 12) (param i64) (result i64)))
  (import "rt" "b0_2" (func $rt.b0_2 (type 13) (param i64 i64) (result i64)))
  (import "rt" "applyVector" (func $rt.applyVector (type 4) (param i64 i64 i32) (result i64)))
  (import "rt" "alloc" (func $rt.alloc (type 3) (param i32) (result i32)))
  (import "rt" "decode" (func $rt.decode (type 5) (param i32 i32) (result i64)))
  (import "rt" "at" (func $rt.at (type 0) (param i64 i32) (result i64)))
  (import "rt" "table" (table $rt.table 13 funcref))
  (import "rt" "memory" (memory $rt.memory 1 4096))
  (global $rtfs:fuel (mut i64) (i64.const 0))
  (global (;1;) (mut i64) (i64.const 6))
  (global (;2;) (mut i64) (i64.const 0))
  (export "main" (func $main))
  (export "rtfs:init" (func $rtfs:init))
  (export "rtfs:fuel" (global $rtfs:fuel))
  (elem (;0;) func
    21 22 23 24 20 16)
  (func (;16;) (type 0) (param i64 i32) (result i64)
    (local i64 i64)
    (local i32)
    global.get $rtfs:fuel
    i64.const 2
    i64.sub
    local.tee 3
    global.set $rtfs:fuel
    local.get 3
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    i64.const 5
    local.get 1
    call 17
    local.set 2
    i32.const 2
    call $rt.args
    local.set 4
    local.get 4
    local.get 2
    i64.const 3
    local.get 1
    call 19
    i64.store
    local.get 4
    local.get 2
    global.get 2
    local.get 1
    call $rt.b79_2
    i64.store offset=8
    local.get 4
    i32.const 2
    call $rt.vectorFrom)
  (func (;17;) (type 0) (param i64 i32) (result i64)
    (local i32)
    local.get 1
    i32.const 1
    i32.sub
    local.tee 1
    i32.const 0
    i32.lt_s
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    i32.const 65536
    i32.const 1
    call $rt.closure
    local.set 2
    local.get 2
    local.get 0
    i64.store offset=16
    local.get 2
    i64.extend_i32_u)
  (func (;18;) (type 1) (param i64 i64 i64 i32) (result i64)
    (local i64 i64 i64)
    local.get 3
    i32.const 1
    i32.sub
    local.tee 3
    i32.const 0
    i32.lt_s
    if  ;; @1
      call $rt.recursionLimit
      unreachable
    end
    local.get 1
    local.set 4
    local.get 0
    i32.wrap_i64
    i64.load offset=16
    call 25
    local.set 5
    local.get 2
    call $rt.b44_1
    local.set 6
    local.get 4
    local.get 5
    call 26
    local.get 6
    call 26)
  (func (;19;) (type 4) (param i64 i64 i32) (result i64)
    (local i32)
    local.get 0
    i32.wrap_i64
    local.tee 3
    i32.const 7
    i32.and
    i32.eqz
    local.get 3
    i32.const 65535
    i32.gt_u
    i32.and
    if  ;; @1
      local.get 3
      i32.load
      i32.const 8
      i32.eq
      if  ;; @2
        local.get 0
        local.get 1
        local.get 2
        local.get 3
        i32.load offset=8
        i32.load offset=20
        return_call_indirect (type 4)
      end
    end
    local.get 0
    local.get 1
    local.get 2
    return_call $rt.invoke1)
  (func (;20;) (type 6) (param i64 i32 i32 i32) (result i64)
    (local i64)
    local.get 1
    i32.const 1
    i32.lt_u
    if  ;; @1
      local.get 0
      local.get 1
      call $rt.arityError
      unreachable
    end
    global.get $rtfs:fuel
    i64.const 1
    i64.sub
    local.tee 4
    global.set $rtfs:fuel
    local.get 4
    i64.const 0
    i64.lt_s
    if  ;; @1
      call $rt.outOfFuel
      unreachable
    end
    local.get 0
    local.get 2
    i64.load
    local.get 2
    local.get 1
    i32.const 1
    call $rt.rest
    local.get 3
    return_call 18)
  (func (;21;) (type 4) (param i64 i64 i32) (result i64)
    (local i32)
    i32.const 1
    call $rt.args
    local.set 3
    local.get 3
    local.get 1
    i64.store
    local.get 0
    i32.const 1
    local.get 3
    local.get 2
    return_call 20)
  (func (;22;) (type 1) (param i64 i64 i64 i32) (result i64)
    (local i32)
    i32.const 2
    call $rt.args
    local.set 4
    local.get 4
    local.get 1
    i64.store
    local.get 4
    local.get 2
    i64.store offset=8
    local.get 0
    i32.const 2
    local.get 4
    local.get 3
    return_call 20)
  (func (;23;) (type 9) (param i64 i64 i64 i64 i32) (result i64)
    (local i32)
    i32.const 3
    call $rt.args
    local.set 5
    local.get 5
    local.get 1
    i64.store
    local.get 5
    local.get 2
    i64.store offset=8
    local.get 5
    local.get 3
    i64.store offset=16
    local.get 0
    i32.const 3
    local.get 5
    local.get 4
    return_call 20)
  (func (;24;) (type 10) (param i64 i64 i64 i64 i64 i32) (result i64)
    (local i32)
    i32.const 4
    call $rt.args
    local.set 6
    local.get 6
    local.get 1
    i64.store
    local.get 6
    local.get 2
    i64.store offset=8
    local.get 6
    local.get 3
    i64.store offset=16
    local.get 6
    local.get 4
    i64.store offset=24
    local.get 0
    i32.const 4
    local.get 6
    local.get 5
    return_call 20)
  (func (;25;) (type 12) (param i64) (result i64)
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
  (func (;26;) (type 13) (param i64 i64) (result i64)
    (local i64)
    local.get 0
    local.get 1
    i64.and
    i64.const 1
    i64.and
    i32.wrap_i64
    if  ;; @1
      local.get 0
      local.get 1
      i64.const 1
      i64.sub
      i64.add
      local.tee 2
      local.get 0
      i64.xor
      local.get 2
      local.get 1
      i64.xor
      i64.and
      i64.const 0
      i64.ge_s
      if  ;; @2
        local.get 2
        return
      end
    end
    local.get 0
    local.get 1
    return_call $rt.b0_2)
  (func $main (type 12) (param i64) (result i64)
    i32.const 65576
    i32.const 0
    call $rt.closure
    i64.extend_i32_u
    local.get 0
    i32.const 10000
    call $rt.applyVector)
  (func $rtfs:init (type 2)
    (local i64)
    i32.const 85
    call $rt.alloc
    i32.const 65536
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 65536
    i32.const 0
    i32.const 85
    memory.init 0
    ref.null func
    i32.const 6
    table.grow $rt.table
    i32.const 13
    i32.ne
    if  ;; @1
      unreachable
    end
    i32.const 13
    i32.const 0
    i32.const 6
    table.init 0
    i32.const 65616
    i32.const 5
    call $rt.decode
    local.set 0
    local.get 0
    i32.const 0
    call $rt.at
    global.set 2)
  (data (;0;)
    "\00\00\00\00\00\00\00\00\01\00\00\00\01\00\00\00\01\00\00\00\0d\00\00\00\0e\00\00\00\0f\00\00\00"
    "\10\00\00\00\11\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\00\12\00\00\00\02\00\00\00"
    "\03\00\00\00\04\00\00\00\05\00\00\00\06\00\00\00\81\83\01\02\03")
)
