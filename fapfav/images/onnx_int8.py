"""Writes a network as an ONNX model in 8-bit integers, from ranges measured on pictures."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from fapfav.images.network import INPUT, OUTPUT, Activation, Add, Conv, Network, Pool
from fapfav.images.onnx_float import GraphWriter, conv_attributes

def int8_model(network, ranges, wbits=7, dwbits=8, mse=True, floats=(), corr=None, actbits=8):
    g=GraphWriter()
    g.node("Transpose",[INPUT],"pixels.channels",perm=[0,3,1,2])
    scales={INPUT:(np.float32(1/network.deviations[0]), np.uint8(network.means[0]))}
    dq={}
    def deq(name, qname):
        s,z=scales[name]
        g.constant(name+'.scale',np.array(s,np.float32)); g.constant(name+'.zero',np.array(z,np.uint8))
        dq[name]=g.node('DequantizeLinear',[qname,name+'.scale',name+'.zero'],name+'.real')
    def quant(name, real):
        lo,hi=ranges[name]; lo=min(lo,0);hi=max(hi,0)
        s=np.float32((hi-lo)/(2**actbits-1)); z=np.uint8(np.clip(round(-lo/s),0,2**actbits-1)); scales[name]=(s,z)
        g.constant(name+'.scale',np.array(s,np.float32)); g.constant(name+'.zero',np.array(z,np.uint8))
        q=g.node('QuantizeLinear',[real,name+'.scale',name+'.zero'],name+'.q')
        deq(name,q)
    deq(INPUT,"pixels.channels")
    for l in network.layers:
        if isinstance(l,Conv):
            n=l.name
            if n in floats:
                w=g.constant(n+'.weight',l.weight); b=g.constant(n+'.bias',l.bias)
                r=g.node('Conv',[dq[l.source],w,b],n+'.conv',**conv_attributes(l))
                if n=='conv_head':
                    z=g.constant('zero6',np.float32(0)); s6=g.constant('six6',np.float32(6))
                    dq[n]=g.node('Clip',[r,z,s6],n+'.real'); continue
                quant(n,r); continue
            bits=dwbits if l.groups>1 else wbits
            top=2**(bits-1)-1
            W=l.weight.reshape(len(l.weight),-1).astype(np.float64)
            s=np.maximum(abs(W).max(1),1e-12)/top
            if mse:
                best=np.full(len(W),np.inf); bs=s.copy()
                for f in np.linspace(.7,1,31):
                    q=np.clip(np.round(W/(s*f)[:,None]),-top-1,top); e=((q*(s*f)[:,None]-W)**2).sum(1)
                    m=e<best; best[m]=e[m]; bs[m]=(s*f)[m]
                s=bs
            q=np.clip(np.round(W/s[:,None]),-top-1,top).astype(np.int8)
            sx,_=scales[l.source]
            bias=l.bias.astype(np.float64)
            if corr is not None and n in corr: bias=bias+corr[n]
            bsc=(sx*s).astype(np.float32)
            s=np.maximum(s,abs(bias)/sx/2**30); bsc=(sx*s).astype(np.float32); q=np.clip(np.round(W/s[:,None]),-top-1,top).astype(np.int8)
            qb=np.round(bias/bsc).astype(np.int32)
            g.constant(n+'.w',q.reshape(l.weight.shape)); g.constant(n+'.ws',s.astype(np.float32)); g.constant(n+'.wz',np.zeros(len(s),np.int8))
            g.constant(n+'.b',qb); g.constant(n+'.bs',bsc); g.constant(n+'.bz',np.zeros(len(s),np.int32))
            w=g.node('DequantizeLinear',[n+'.w',n+'.ws',n+'.wz'],n+'.wr',axis=0)
            b=g.node('DequantizeLinear',[n+'.b',n+'.bs',n+'.bz'],n+'.br',axis=0)
            quant(n,g.node('Conv',[dq[l.source],w,b],n+'.conv',**conv_attributes(l)))
        elif isinstance(l,Add):
            quant(l.name,g.node('Add',[dq[l.source],dq[l.other]],l.name+'.sum'))
        elif isinstance(l,Pool):
            r=g.node('GlobalAveragePool',[dq[l.source]],l.name)
            g.node('Flatten',[r],OUTPUT,axis=1)
    return g.finish(network)
