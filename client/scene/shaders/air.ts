// Shader text that every material shares: sky, light, shadow, fog and tone mapping, all in linear light.
// `air` is filled by `client/scene/air.ts`; the two files must agree on its rows.

export const airRows = 15;

export const airUniforms = /* glsl */ `
precision highp float;
uniform vec4 air[${airRows}];
#define KEY_DIRECTION air[0].xyz
#define NIGHT air[0].w
#define KEY_COLOUR air[1].rgb
#define EXPOSURE air[1].w
#define SUN air[2].xyz
#define TIME air[2].w
#define MOON air[3].xyz
#define MOON_FRACTION air[3].w
#define ZENITH air[4].rgb
#define CLOUDS air[4].w
#define HORIZON_NEAR air[5].rgb
#define FOG_DENSITY air[5].w
#define HORIZON_FAR air[6].rgb
#define FOG_FALLOFF air[6].w
#define GLOW air[7].rgb
#define FOG_BASE air[7].w
#define AMBIENT_UP air[8].rgb
#define SHADOW_TEXEL air[8].w
#define AMBIENT_DOWN air[9].rgb
#define SHADOW_STRENGTH air[9].w
#define EYE air[10].xyz
#define SHADOW_WORLD_TEXEL air[10].w
#define BAKED_PLACE air[11]
#define HIGHLIGHT air[12].x
#define DRAW_REACH air[13].x
#define FADE_REACH air[13].y
#define FAR_TEXEL air[13].z
#define FAR_WORLD_TEXEL air[13].w
#define BOUNDS air[14]
/* smoothstep is undefined when its edges fall; this one is not. */
float ramp(float a,float b,float x){ float t=clamp((x-a)/(b-a),0.,1.); return t*t*(3.-2.*t); }
`;

export const noiseFunctions = /* glsl */ `
float hash1(float n){ return fract(sin(n*12.9898)*43758.5453); }
float hash2(vec2 p){ vec3 q=fract(vec3(p.xyx)*.1031); q+=dot(q,q.yzx+33.33); return fract((q.x+q.y)*q.z); }
float noise2(vec2 p){ vec2 i=floor(p),f=fract(p); f=f*f*(3.-2.*f);
  return mix(mix(hash2(i),hash2(i+vec2(1,0)),f.x),mix(hash2(i+vec2(0,1)),hash2(i+vec2(1,1)),f.x),f.y); }
/* Texture of surfaces that a weak machine does without. */
float grain(vec2 p){
#ifdef LOW
  return .5;
#else
  return noise2(p);
#endif
}
float fbm(vec2 p){ float a=.5,s=0.; for(int i=0;i<4;i++){ s+=a*noise2(p); p=p*2.03+17.3; a*=.5; } return s; }
/* A pulse train of period 1 and width w centred in each period, box-filtered over f: exact at every distance, so it cannot shimmer. */
float pulses(float x,float w,float f){ f=max(f,1e-4); float h=.5-.5*w;
  float a=x-.5*f,b=x+.5*f;
  float ia=floor(a)*w+clamp(fract(a)-h,0.,w), ib=floor(b)*w+clamp(fract(b)-h,0.,w);
  return clamp((ib-ia)/f,0.,1.); }
float band(float x,float from,float to,float f){ f=max(f,1e-4); return clamp((min(x+.5*f,to)-max(x-.5*f,from))/f,0.,1.); }
`;

export const airFunctions = /* glsl */ `
vec3 skyColour(vec3 d){
  float up=max(d.y,0.);
  vec2 flat2=d.xz/max(length(d.xz),1e-4);
  float toward=.5+.5*dot(flat2,SUN.xz/max(length(SUN.xz),1e-4));
  vec3 horizon=mix(HORIZON_FAR,HORIZON_NEAR,toward*toward*(3.-2.*toward));
  vec3 c=mix(horizon,ZENITH,1.-exp(-up*3.6-up*up*1.5));
  float mu=max(dot(d,SUN),0.);
  float low=exp(-up*2.5);
  c+=GLOW*(.16*pow(mu,3.)*low+.30*pow(mu,18.)+.55*pow(mu,120.));
  return c;
}
/* The colour that fog has: the sky's, just above the horizon. */
vec3 fogColour(vec3 d){
#ifdef LOW
  float toward=.5+.5*dot(d.xz,SUN.xz); return mix(HORIZON_FAR,HORIZON_NEAR,toward*toward)+GLOW*.12*toward*toward;
#else
  return skyColour(normalize(vec3(d.x,max(d.y,.015),d.z)));
#endif
}
/* Metres outside the modelled area. */
float beyond(vec2 p){ return length(max(max(BOUNDS.xy-p,p-BOUNDS.zw),0.)); }
vec3 withFog(vec3 c,vec3 p){
  vec3 v=p-EYE; float dist=length(v); vec3 d=v/max(dist,1e-3);
  float k=FOG_FALLOFF*v.y; float shape=abs(k)<1e-3?1.:(1.-exp(-k))/k;
  float depth=FOG_DENSITY*exp(-FOG_FALLOFF*max(EYE.y-FOG_BASE,0.))*shape*dist;
  float amount=1.-exp(-depth);
  /* The board fades into the sky long before it ends. */
  amount=max(amount,ramp(180.,1700.,beyond(p.xz)));
#ifdef LOW
  amount=max(amount,ramp(.55*DRAW_REACH,.97*DRAW_REACH,dist)*step(1.,DRAW_REACH));
#endif
  return mix(c,fogColour(d),clamp(amount,0.,1.));
}
vec3 toneMapped(vec3 c){
  c*=EXPOSURE;
  /* Stephen Hill's fit of the ACES reference and output transforms. */
  c=vec3(dot(vec3(.59719,.35458,.04823),c),dot(vec3(.07600,.90834,.01566),c),dot(vec3(.02840,.13383,.83777),c));
  c=(c*(c+.0245786)-.000090537)/(c*(.983729*c+.4329510)+.238081);
  c=vec3(dot(vec3(1.60475,-.53108,-.07367),c),dot(vec3(-.10208,1.10813,-.00605),c),dot(vec3(-.00327,-.07276,1.07602),c));
  return pow(clamp(c,0.,1.),vec3(1./2.2));
}
/* Half a grey step of noise hides banding in the sky and in fog. */
vec4 finished(vec3 c,vec2 at){ return vec4(toneMapped(c)+(hash2(at)-.5)/255.,1.); }
`;

/** Shadow map and baked occlusion; fragment shaders of lit things only. */
export const lightFunctions = /* glsl */ `
#ifdef SHADOWS
uniform highp sampler2DShadow shadowMap;
uniform mat4 shadowMatrix;
uniform highp sampler2DShadow shadowMapFar;
uniform mat4 shadowMatrixFar;
float farSunlit(vec3 p,vec3 n){
  vec3 q=(shadowMatrixFar*vec4(p+(n*1.3+KEY_DIRECTION*.7)*FAR_WORLD_TEXEL,1.)).xyz*.5+.5;
  vec2 away=abs(q.xy-.5)*2.; float edge=max(away.x,away.y);
  if(edge>=1.||q.z>=1.||FAR_TEXEL<=0.) return 1.;
  float e=FAR_TEXEL;
  float s=.25*(texture(shadowMapFar,vec3(q.xy+vec2(-.7,-.5)*e,q.z))+texture(shadowMapFar,vec3(q.xy+vec2(.5,-.7)*e,q.z))
    +texture(shadowMapFar,vec3(q.xy+vec2(-.5,.7)*e,q.z))+texture(shadowMapFar,vec3(q.xy+vec2(.7,.5)*e,q.z)));
  return mix(s,1.,ramp(.85,1.,edge));
}
#endif
uniform sampler2D baked;
vec3 bakedSky(vec3 p){ return texture2D(baked,(p.xz-BAKED_PLACE.xy)*BAKED_PLACE.zw).rgb; }
#define LAMPLIGHT vec3(1.,.66,.34)*NIGHT*.62
float sunlit(vec3 p,vec3 n){
#ifdef SHADOWS
  vec3 q=(shadowMatrix*vec4(p+n*SHADOW_WORLD_TEXEL*1.6+KEY_DIRECTION*SHADOW_WORLD_TEXEL*.8,1.)).xyz*.5+.5;
  vec2 away=abs(q.xy-.5)*2.; float edge=max(away.x,away.y);
  if(edge>=1.||q.z>=1.) return mix(1.,farSunlit(p,n),SHADOW_STRENGTH);
  float s=0.; float e=SHADOW_TEXEL;
#ifdef SOFT
  for(int y=-1;y<=1;y++) for(int x=-1;x<=1;x++) s+=texture(shadowMap,vec3(q.xy+vec2(float(x),float(y))*e*1.25,q.z));
  s/=9.;
#else
  s=.25*(texture(shadowMap,vec3(q.xy+vec2(-.6,-.6)*e,q.z))+texture(shadowMap,vec3(q.xy+vec2(.6,-.6)*e,q.z))
    +texture(shadowMap,vec3(q.xy+vec2(-.6,.6)*e,q.z))+texture(shadowMap,vec3(q.xy+vec2(.6,.6)*e,q.z)));
#endif
  if(edge>.8) s=mix(s,farSunlit(p,n),ramp(.8,1.,edge));
  return mix(1.,s,SHADOW_STRENGTH);
#else
  return 1.;
#endif
}
vec3 ambient(vec3 n){
  float side=dot(normalize(n.xz+1e-4),SUN.xz/max(length(SUN.xz),1e-4));
  return mix(AMBIENT_DOWN,AMBIENT_UP,n.y*.5+.5)*(1.+.12*side*(1.-abs(n.y)));
}
vec3 lit(vec3 albedo,vec3 n,float open,float sun){
  return albedo*(KEY_COLOUR*max(dot(n,KEY_DIRECTION),0.)*sun+ambient(n)*open);
}
`;
